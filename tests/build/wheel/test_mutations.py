"""A wheel with anything changed is refused, or holds what zipfile finds in it and RECORD lists."""

from __future__ import annotations

import base64
import csv
import email
import hashlib
import io
import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from build.errors import LaminaError
from build.wheel.facts import DEFLATED, files_of
from build.wheel.reading import read_facts

from .archives import DIST_INFO, FILENAME, FULL, Fields, Part, archive, changed, members, record_of
from .odd import ODD

EXEMPT = {f"{DIST_INFO}/RECORD", f"{DIST_INFO}/RECORD.jws", f"{DIST_INFO}/RECORD.p7s"}
BASES = {name: raw for name, raw in ODD.items() if DIST_INFO.encode() in raw}
SITES = tuple(f"demo-1.0.data/{scheme}/" for scheme in ("purelib", "platlib", "data"))
SITES += ("Demo-1.0.0.data/purelib/",)
# Where a change does most: the marks of a zip's records, and pieces of RECORD and of paths.
MARKS = (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\7\10")
PIECES = (*MARKS, b"sha256=", b"../", b"/", b"\n", b"\0")


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sound wheel with one to four changes: bytes, slices, fields of its records."""
    raw = bytearray(BASES[draw(st.sampled_from(sorted(BASES)))])
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(raw)))
        length = draw(st.integers(0, 60))
        marks = [at for mark in MARKS if (at := raw.rfind(mark)) >= 0]
        match draw(st.sampled_from(["byte", "field", "insert", "delete", "copy", "mark", "cut"])):
            case "byte":
                raw[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
            case "field" if marks:
                at = draw(st.sampled_from(marks)) + draw(st.integers(0, 50))
                raw[at : at + 2] = draw(st.binary(min_size=2, max_size=2))
            case "insert":
                raw[place:place] = draw(st.binary(max_size=30))
            case "delete":
                del raw[place : place + length]
            case "copy":
                raw[place:place] = raw[(start := draw(st.integers(0, len(raw)))) : start + length]
            case "mark":
                mark = draw(st.sampled_from(PIECES))
                raw[place : place + len(mark)] = mark
            case _:
                del raw[len(raw) - length :]
    return bytes(raw)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutated())
def test_a_changed_wheel_is_refused_or_holds_what_zipfile_and_record_say(tmp_path: Path, raw: bytes) -> None:
    wheel = tmp_path / FILENAME
    wheel.write_bytes(raw)
    facts, refusal = read_or_refuse(wheel)
    if refusal:
        assert refusal.startswith(FILENAME)
        assert refusal.isprintable()
    else:
        assert installed(raw, facts) == extracted(raw)


ZIP64 = st.lists(st.sampled_from([0, 1, 72, FULL, 1 << 40]), max_size=3).map(
    lambda numbers: struct.pack(f"<HH{len(numbers)}Q", 1, 8 * len(numbers), *numbers)
)
LIES = st.fixed_dictionaries(
    {},
    optional={
        "flags": st.sampled_from([0, 1 << 1, 1 << 3, 1 << 11, 1 << 3 | 1 << 11]),
        "method": st.sampled_from([0, 8]),
        "crc": st.sampled_from([0, 1]),
        "size": st.sampled_from([0, 72, 73, FULL]),
        "packed": st.sampled_from([0, 72, FULL]),
        "extra": ZIP64,
    },
)


@st.composite
def lying(draw: st.DrawFn) -> bytes:
    """A wheel whose RECORD is true, and some of whose headers, entries, descriptors and ends may not be."""
    parts = []
    for part in members([Part("demo/raw", bytes(72), 0)]):
        if draw(st.integers(0, 3)):
            parts.append(part)
            continue
        local = draw(LIES)
        parts.append(
            replace(
                part,
                local=local,
                central=local if draw(st.booleans()) else draw(LIES),
                descriptor=draw(st.sampled_from(["", "", "<III", "<4sIII", "<IQQ", "<4sIQQ"])),
                mode=draw(st.sampled_from([0, 0o100644, 0o100755, 0o120777])),
            )
        )
    ends: list[Fields | None] = [None, {}, {"members": 6}, {"here": 0xFFFF, "members": 0xFFFF}]
    return archive(
        draw(st.permutations(parts)), end=draw(st.sampled_from(ends)), end_64=draw(st.sampled_from(ends[:3]))
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lying())
def test_a_wheel_that_lies_about_itself_is_refused_or_holds_what_zipfile_finds(
    tmp_path: Path, raw: bytes
) -> None:
    wheel = tmp_path / FILENAME
    wheel.write_bytes(raw)
    facts, refusal = read_or_refuse(wheel)
    assert refusal or installed(raw, facts) == extracted(raw)


LINES = [b"Name: demo", b"Name: Demo", b"Name: other", b"Version: 1.0", b"Version: 1", b"Version: x", b""]
LINES += [b"Wheel-Version: 1.0", b"Wheel-Version: 2.0", b" folded", b"Requires-Python: >=3.9", b"\xff", b"\0"]
HEADERS = st.lists(st.sampled_from(LINES) | st.binary(max_size=20), max_size=8).map(b"\n".join)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["METADATA", "WHEEL", "RECORD"]), HEADERS)
def test_whatever_stands_in_dist_info_a_wheel_is_refused_or_is_what_it_says(
    tmp_path: Path, name: str, content: bytes
) -> None:
    parts = changed(members(), f"{DIST_INFO}/{name}", content=content)
    if name != "RECORD":
        parts[-1] = Part(f"{DIST_INFO}/RECORD", record_of(parts[:-1]))
    wheel = tmp_path / FILENAME
    wheel.write_bytes(archive(parts))
    facts, refusal = read_or_refuse(wheel)
    if refusal:
        assert refusal.isprintable()
        return
    metadata = email.message_from_bytes(
        next(part.content for part in parts if part.name == f"{DIST_INFO}/METADATA")
    )
    assert (metadata["Name"].lower(), metadata["Version"]) in {("demo", "1.0"), ("demo", "1")}
    assert installed(wheel.read_bytes(), facts) == extracted(wheel.read_bytes())


def read_or_refuse(wheel: Path) -> tuple[dict[str, Any], str]:
    try:
        return read_facts(wheel, FILENAME), ""
    except LaminaError as error:
        return {}, str(error)


def installed(raw: bytes, facts: dict[str, Any]) -> dict[str, bytes]:
    """The files that the facts speak of, from where they say they are."""
    found = {}
    for file in files_of(facts):
        packed = raw[file.offset : file.offset + file.packed]
        content = zlib.decompress(packed, -zlib.MAX_WBITS) if file.method == DEFLATED else packed
        assert (len(content), zlib.crc32(content)) == (file.size, file.crc)
        assert hashlib.sha256(content).hexdigest() == file.sha256
        found[file.path] = content
    return found


def extracted(raw: bytes) -> dict[str, bytes]:
    """The same by zipfile alone; fails when RECORD is not true of them."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        contents = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    (record,) = [name for name in contents if name.endswith(".dist-info/RECORD") and name.count("/") == 1]
    listed = {row[0]: row[1] for row in csv.reader(io.StringIO(contents[record].decode(), newline="")) if row}
    for name, content in contents.items():
        if name not in EXEMPT and name != record:
            algorithm, _, digest = listed[name].partition("=")
            assert (
                base64.urlsafe_b64decode(digest + "=" * (-len(digest) % 4))
                == hashlib.new(algorithm, content).digest()
            )
    return {_site(name): content for name, content in contents.items() if name != record}


def _site(name: str) -> str:
    return next((name.removeprefix(site) for site in SITES if name.startswith(site)), name)
