"""What is read of a wheel for verification: its ELF files, its requirements, its top-level names."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from build.cache import Cache
from build.errors import DamagedError
from build.tree.manifest import LayerPackage
from build.wheel.inspection import inspected, inspection_of

from ..conftest import admitted
from .conftest import Check, Wheel
from .elf_files import make_elf


def tops(wheel: Path) -> list[str]:
    (found,) = inspected(wheel, wheel.name)["distributions"]
    names: list[str] = found["tops"]
    return names


@pytest.mark.parametrize(
    ("path", "top"),
    [
        ("demo.py", "demo"),
        ("demo/__init__.py", "demo"),
        ("demo/deep/module.py", "demo"),
        ("_fast.cpython-312-x86_64-linux-gnu.so", "_fast"),
        ("demo/_fast.abi3.so", "demo"),
        ("demo-1.0.data/purelib/demo/__init__.py", "demo"),
        ("demo-1.0.data/platlib/_fast.abi3.so", "_fast"),
        ("demo-1.0.data/scripts/run.py", None),
        ("demo-1.0.data/data/share/run.py", None),
        ("demo-1.0.data/headers/demo.py", None),
        ("demo/data.txt", None),
        ("demo-stubs/__init__.py", None),
        ("demo.libs/libx.so", None),
        ("not-a-module.py", None),
    ],
)
def test_top_level_names_are_those_that_can_be_imported(wheel: Wheel, path: str, top: str | None) -> None:
    assert tops(wheel(files={path: b""})) == ([top] if top else [])


def test_elf_files_are_known_by_their_first_bytes_and_not_by_their_names(wheel: Wheel) -> None:
    elf = make_elf(soname="libx.so.1")
    files = {
        "demo/tool": elf,
        "demo/libx.so.1": elf,
        "demo/script.so": b"INPUT(libx.so.1)",
        "demo/short.so": b"\x7fE",
    }
    found = inspected(wheel(files=files), "")["elf"]
    assert sorted(found) == ["demo/libx.so.1", "demo/tool"]
    assert found["demo/tool"]["soname"] == "libx.so.1"


def test_a_file_larger_than_memory_is_meant_for_is_read_from_disk(wheel: Wheel) -> None:
    elf = make_elf(module="fast", needed=["libx.so"])
    found = inspected(wheel(files={"fast.so": elf + bytes(5_000_000)}, level=0), "")["elf"]["fast.so"]
    assert (found["module"], found["needed"]) == (True, ["libx.so"])


def test_a_vendored_packages_requirements_are_not_the_wheels(check: Check, wheel: Wheel) -> None:
    metadata = b"Metadata-Version: 2.1\nName: inner\nVersion: 1\nRequires-Dist: nothing\n"
    files = {"demo/_vendor/inner-1.dist-info/METADATA": metadata, "demo/_vendor/inner.py": b""}
    assert check(wheel(files=files)).findings == ()


def test_libraries_among_the_data_lie_where_they_are_installed(check: Check, wheel: Wheel) -> None:
    files = {
        "demo-1.0.data/platlib/demo/_fast.so": make_elf(needed=["libx.so"], runpath="$ORIGIN/../demo.libs"),
        "demo.libs/libx.so": make_elf(),
        "demo-1.0.data/scripts/tool": make_elf("aarch64", needed=["libnowhere.so"]),
    }
    assert check(wheel(files=files)).findings == ()


def test_a_wheel_that_is_gone_is_told_by_its_name(cache: Cache, wheel: Wheel) -> None:
    one = admitted(cache, wheel())
    package = LayerPackage(one.name, one.version, one.filename, one.sha256, 0, 0)
    first = inspection_of(package, cache)
    cache.wheel_path(one.sha256).unlink()
    assert inspection_of(package, cache) == first
    other = package._replace(sha256="0" * 64)
    with pytest.raises(DamagedError, match=r"^demo-1\.0-py3-none-any\.whl is not in the cache; build again"):
        inspection_of(other, cache)


def test_folders_of_a_zip_are_no_files(tmp_path: Path) -> None:
    path = tmp_path / "layer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.mkdir("python")
        archive.mkdir("python/demo-1.0.dist-info/METADATA")
    assert inspected(path, "") == {"elf": {}, "other": {}, "pth": {}, "distributions": []}
