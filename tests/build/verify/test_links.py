"""Symbolic links: what is found through them, by the linker and by Python."""

from __future__ import annotations

import pytest

from build.target import Target
from build.verify.findings import NOTE, WARNING
from build.verify.links import followed, resolved

from .conftest import Check
from .elf_files import make_elf

LINK = 0o120777
NEEDING = {"python/demo/_fast.so": make_elf(needed=["libx.so.1"], rpath="$ORIGIN/../../lib64")}
WHOLE = make_elf(soname="libx.so.1")


@pytest.mark.parametrize(
    "links",
    [
        {"lib64/libx.so.1": "libx.so.1.2"},
        {"lib64/libx.so.1": "libx.so", "lib64/libx.so": "/opt/lib64/libx.so.1.2"},
        {"lib64/libx.so.1": "../lib64/./libx.so.1.2"},
    ],
    ids=["a name", "a chain", "a way round"],
)
def test_a_library_is_found_through_links(check_zip: Check, links: dict[str, str]) -> None:
    files = {**NEEDING, "lib64/libx.so.1.2": WHOLE, **{each: to.encode() for each, to in links.items()}}
    assert check_zip(files, dict.fromkeys(links, LINK)).findings == ()


def test_a_library_is_found_in_a_folder_that_is_a_link(check_zip: Check) -> None:
    files = {**NEEDING, "usr/lib/libx.so.1": WHOLE, "lib64": b"usr/lib"}
    assert check_zip(files, {"lib64": LINK}).findings == ()


def test_a_link_to_what_is_not_there_is_told(check_zip: Check) -> None:
    files = {"python/demo.py": b"", "python/more.py": b"gone.py", "bin/python": b"/var/lang/bin/python3"}
    (found,) = check_zip(files, {"python/more.py": LINK, "bin/python": LINK}).findings
    assert (found.level, found.file) == (WARNING, "python/more.py")
    assert found.what == "it is a link to gone.py, which is not in the layer"


def test_a_module_is_imported_through_links(check_zip: Check, own: Target) -> None:
    files = {"python/demo": b"real", "python/real/__init__.py": b"", "python/real/deep.py": b""}
    (found,) = check_zip(files, {"python/demo": LINK}, target=own, require=("demo.deep",)).findings
    assert (found.level, found.what.endswith(": demo.deep")) == (NOTE, True)


@pytest.mark.parametrize(
    ("links", "place"),
    [
        ({"a": "b", "b": "a"}, None),
        ({"a": "../out"}, None),
        ({"a": "/etc"}, None),
        ({"a": "/opt/x/../y"}, "y/f"),
        ({"a": "."}, "f"),
    ],
)
def test_a_path_is_followed_as_the_system_does(links: dict[str, str], place: str | None) -> None:
    assert resolved("a/f", links) == place


def test_circles_of_folders_end() -> None:
    assert followed({"d/up": "..", "d/self": "."}, ["d/f"]) == {"d/self/f": "d/f"}
