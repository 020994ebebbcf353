"""A packed stream is copied without being looked at, so it is unpacked strictly before."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from build.errors import UserError
from build.wheel.facts import DEFLATED, files_of
from build.wheel.headers import read_header
from build.wheel.reading import read_facts
from build.wheel.streams import StreamError, content
from tests.build.wheelhouse import make_wheel


def deflated(data: bytes, level: int = 6) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def member(packed: bytes, data: bytes, method: int = DEFLATED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("a.py")
    info.compress_type, info.CRC = method, zlib.crc32(data)
    info.compress_size, info.file_size = len(packed), len(data)
    return info


def unpacked(packed: bytes, info: zipfile.ZipInfo) -> bytes:
    return b"".join(content(io.BytesIO(packed), info, 0))


@given(st.binary(max_size=2000), st.integers(1, 300), st.sampled_from([0, 1, 9]))
def test_a_sound_stream_gives_its_content_whatever_its_length(data: bytes, times: int, level: int) -> None:
    packed = deflated(data * times, level)
    assert unpacked(packed, member(packed, data * times)) == data * times


DATA = b"value = 1\n" * 10
UNSOUND = {
    "longer": (deflated(DATA + b"evil()\n"), "longer than the archive's directory says"),
    "shorter": (deflated(DATA[:-1]), "shorter than the archive's directory says"),
    "other bytes": (deflated(DATA[::-1]), "its checksum"),
    "bytes after it": (deflated(DATA) + b"more", "other bytes follow its packed stream"),
    "a second stream after it": (deflated(DATA) * 2, "other bytes follow its packed stream"),
    "no end": (deflated(DATA)[:-2], "has no end"),
    "no stream": (b"\xff" * 20, "is not deflated data"),
    "nothing": (b"", "has no end"),
}


@pytest.mark.parametrize(("packed", "reason"), UNSOUND.values(), ids=UNSOUND)
def test_a_stream_that_others_might_read_otherwise_is_refused(packed: bytes, reason: str) -> None:
    with pytest.raises(StreamError, match=reason):
        unpacked(packed, member(packed, DATA))


def test_bytes_after_a_stream_are_found_wherever_its_pieces_end() -> None:
    data = random.Random(1).randbytes((1 << 18) * 2)
    for length in range((1 << 18) - 400, (1 << 18) + 4, 7):
        packed = deflated(data[:length], 0)
        with pytest.raises(StreamError, match="other bytes follow"):
            unpacked(packed + b"x", member(packed + b"x", data[:length]))


@pytest.mark.parametrize(
    ("place", "change", "reason"),
    [
        (0, b"XX", "its own header has another name"),
        (8, struct.pack("<H", 0), "its own header has another method"),
        (30, b"b", "its own header has another name"),
    ],
    ids=["signature", "method", "name"],
)
def test_a_header_that_contradicts_the_directory_is_refused(place: int, change: bytes, reason: str) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.py", DATA)
    (info,) = archive.infolist()
    raw.seek(place)
    raw.write(change)
    with pytest.raises(StreamError, match=reason):
        read_header(raw, info, 1 << 20)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_wheel_with_any_byte_changed_is_refused_or_holds_what_its_facts_say(
    tmp_path: Path, data: st.DataObject
) -> None:
    wheel = make_wheel(tmp_path, files={"a.py": DATA, "b.so": b"\x7fELF"}, executable=["b.so"])
    raw = bytearray(wheel.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    wheel.write_bytes(raw)
    try:
        facts = read_facts(wheel, wheel.name)
    except UserError:
        return
    for file in files_of(facts):
        packed = bytes(raw[file.offset : file.offset + file.packed])
        content = zlib.decompress(packed, -zlib.MAX_WBITS) if file.method == DEFLATED else packed
        assert (len(content), zlib.crc32(content)) == (file.size, file.crc)
