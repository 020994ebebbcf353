"""Reading ELF files: all that loading them needs, and no harm by damaged ones."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build.wheel.elf import elf_facts

from .elf_files import MACHINES, make_elf, without_sections

NAME = "fast.cpython-312-x86_64-linux-gnu.so"
WHOLE: dict[str, Any] = {
    "needed": ["libc.so.6", "libx.so.1"],
    "soname": "libfast.so.1",
    "runpath": "$ORIGIN/../libs:/opt/lib",
    "versions": {"libc.so.6": ["GLIBC_2.17", "GLIBC_2.34"], "libx.so.1": ["X_1"]},
    "module": "fast",
}


def facts(content: bytes, name: str = NAME) -> dict[str, Any]:
    return elf_facts(io.BytesIO(content), name)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_everything_that_loading_needs_is_read(machine: str) -> None:
    assert facts(make_elf(machine, **WHOLE)) == {
        "machine": machine,
        "needed": ["libc.so.6", "libx.so.1"],
        "soname": "libfast.so.1",
        "runpath": ["$ORIGIN/../libs", "/opt/lib"],
        "rpath": [],
        "versions": {"libc.so.6": ["GLIBC_2.17", "GLIBC_2.34"], "libx.so.1": ["X_1"]},
        "module": True,
        "shared": True,
    }


def test_a_file_that_needs_nothing_says_so() -> None:
    empty: dict[str, Any] = {"needed": [], "soname": "", "runpath": [], "rpath": [], "versions": {}}
    assert facts(make_elf()) == {"machine": "x86_64", **empty, "module": False, "shared": True}


def test_a_file_that_lists_no_sections_is_read_as_the_dynamic_linker_does() -> None:
    whole = make_elf(**WHOLE)
    assert facts(without_sections(whole)) == facts(whole)
    assert facts(without_sections(make_elf())) == facts(make_elf())


def test_other_kinds_of_a_machine_are_told_apart() -> None:
    whole = make_elf("aarch64")
    assert facts(whole[:18] + b"\xb7\0" + whole[20:])["machine"] == "aarch64"
    assert facts(whole[:16] + b"\1\0" + whole[18:])["shared"] is False


def test_the_old_run_path_is_read_where_there_is_no_new_one() -> None:
    assert facts(make_elf(rpath="a::b"))["rpath"] == ["a", "b"]
    both = facts(make_elf(rpath="a", runpath="b"))
    assert (both["rpath"], both["runpath"]) == ([], ["b"])


@pytest.mark.parametrize(
    ("name", "module"),
    [(NAME, True), ("fast.abi3.so", True), ("fast.so", True), ("libfast.so", False), ("other.so", False)],
)
def test_a_module_is_known_by_the_function_of_its_name(name: str, module: bool) -> None:
    assert facts(make_elf(module="fast"), name)["module"] is module


@pytest.mark.parametrize("machine", MACHINES)
def test_the_machine_is_called_as_uname_does(machine: str) -> None:
    assert facts(make_elf(machine))["machine"] == machine


def test_a_file_that_is_cut_off_anywhere_is_damaged_or_whole_and_never_more() -> None:
    whole = make_elf(**WHOLE)
    right = facts(whole)
    for length in range(4, len(whole), 7):
        found = facts(whole[:length])
        assert found == right or list(found) == ["fault"], length


@settings(max_examples=150, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(4, len(make_elf(**WHOLE)) - 1), st.binary(min_size=1, max_size=8)), min_size=1
    )
)
def test_random_damage_gives_facts_or_a_fault(changes: list[tuple[int, bytes]]) -> None:
    content = bytearray(make_elf(**WHOLE))
    for place, piece in changes:
        content[place : place + len(piece)] = piece
    found = facts(bytes(content))
    assert list(found) == ["fault"] or set(found) == set(facts(make_elf()))
    if "fault" in found:
        assert 0 < len(found["fault"]) <= 200


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_damaged(content: bytes) -> None:
    assert list(facts(b"\x7fELF" + content)) == ["fault"]


def with_number(content: bytes, place: int, form: str, number: int) -> bytes:
    size = struct.calcsize(form)
    return content[:place] + struct.pack(form, number) + content[place + size :]


def section(content: bytes, kind: int) -> int:
    """Where the header of the first section of a type begins."""
    first: int = struct.unpack_from("<Q", content, 40)[0]
    count: int = struct.unpack_from("<H", content, 60)[0]
    places = (first + 64 * number for number in range(count))
    return next(each for each in places if struct.unpack_from("<I", content, each + 4) == (kind,))


def endless(kind: str) -> bytes:
    """A file that claims to have no end of something."""
    content = make_elf(**WHOLE)
    if kind == "sections":
        # The number stands in the first section where it does not fit into the header.
        (first,) = struct.unpack_from("<Q", content, 40)
        content = with_number(content, 60, "<H", 0)
        content = with_number(content, first + 32, "<Q", 2**40)
        return content + bytes(4_000_000)
    if kind == "section headers of one byte":
        return with_number(content, 58, "<H", 1)
    if kind == "segments":
        return with_number(with_number(content, 56, "<H", 0xFFFE), 54, "<H", 0)
    if kind == "buckets":
        place = section(content, 0x6FFFFFF6)
        (start,) = struct.unpack_from("<Q", content, place + 24)
        return with_number(content, start, "<I", 2**32 - 1)
    # Every library of the needed versions is the same one, and so is each of its versions.
    place = section(content, 0x6FFFFFFE)
    (start,) = struct.unpack_from("<Q", content, place + 24)
    content = with_number(content, place + 44, "<I", 2**32 - 1)
    content = with_number(content, start + 2, "<H", 0xFFFF)
    content = with_number(content, start + 12, "<I", 0)
    return with_number(content, start + 16 + 12, "<I", 0)


@pytest.mark.parametrize(
    "kind", ["sections", "section headers of one byte", "segments", "buckets", "versions"]
)
def test_what_claims_to_have_no_end_is_not_read_to_it(kind: str) -> None:
    found = facts(endless(kind))
    assert list(found) == ["fault"] or len(str(found)) < 3_000_000


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc")
@pytest.mark.parametrize("style", ["gnu", "sysv", "both"])
def test_what_a_compiler_makes_is_read(tmp_path: Path, style: str) -> None:
    source = tmp_path / "fast.c"
    source.write_text(
        "#include <math.h>\nvoid *PyInit_fast(void) { return 0; }\ndouble f(double x) { return pow(x, x); }\n"
    )
    made = tmp_path / "fast.so"
    options = [f"-Wl,--hash-style={style}", "-Wl,-rpath,$ORIGIN/x", "-Wl,-soname,libfast.so.1"]
    subprocess.run(["gcc", "-shared", "-fPIC", *options, "-o", made, source, "-lm"], check=True)
    found = facts(made.read_bytes())
    assert (found["module"], found["soname"]) == (True, "libfast.so.1")
    assert found["runpath"] + found["rpath"] == ["$ORIGIN/x"]
    assert "libm.so.6" in found["needed"]
    assert any(each.startswith("GLIBC_2.") for each in found["versions"]["libm.so.6"])


def test_what_this_python_has_loaded_is_read(own: object) -> None:
    import _ctypes

    path = Path(_ctypes.__file__)
    with path.open("rb") as stream:
        found = elf_facts(stream, path.name)
    assert found["module"] is True
    assert "libc.so.6" in found["needed"]
