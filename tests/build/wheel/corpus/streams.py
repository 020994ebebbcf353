"""Streams that unpack to something else than the directory says, and bombs."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from build.wheel.limits import MIB, MOST_DIRECTORY, MOST_MEMBERS, MOST_UNPACKED, RATIO_FROM

from ..archives import DIST_INFO, END, FULL, VICTIMS, Fields, Part, archive, changed, deflated, members
from .case import Case


def damaged_streams() -> Iterator[Case]:
    for part in members():
        name, content = str(part.name), part.content
        packed = deflated(content)
        for what, stream, reason in (
            ("goes on", deflated(content + b"evil()\n"), "longer than the archive's directory says"),
            ("is short", deflated(content[:-1]), "shorter than the archive's directory says"),
            ("is other bytes", deflated(content[::-1]), r"its checksum \(CRC-32\) is another"),
            ("has bytes behind it", packed + b"more", "other bytes follow its packed stream"),
            ("is followed by another", packed * 2, "other bytes follow its packed stream"),
            ("has no end", packed[:-1], "its packed stream has no end|not deflated data"),
            ("is noise", b"\xff" * 20, "not deflated data"),
            ("is empty", b"", "its packed stream has no end"),
            ("is a gzip file", b"\x1f\x8b\x08\x00" + packed, "not deflated data"),
            ("is a zlib stream", zlib.compress(content), "not deflated data"),
            ("is stored", content, "not deflated data|has no end"),
        ):
            yield Case(f"{name} {what}", archive(changed(members(), name, packed=stream)), reason)
        for what, stream, reason in (
            ("goes on", content + b"x", "longer than the archive's directory says"),
            ("is short", content[:-1], "shorter than the archive's directory says"),
            ("is other bytes", content[::-1], r"its checksum \(CRC-32\) is another"),
            ("is packed", packed, "than the archive's directory says"),
        ):
            parts = changed(members(), name, packed=stream, method=0)
            yield Case(f"{name}, stored, {what}", archive(parts), reason)


def wrong_numbers() -> Iterator[Case]:
    """The header and the directory agree, and both are wrong."""
    for part in members():
        for field, value, reason in (
            ("crc", 0, "its checksum"),
            ("crc", zlib.crc32(part.content) ^ 1, "its checksum"),
            ("size", len(part.content) + 1, "shorter than"),
            ("size", len(part.content) - 1, "longer than"),
            ("size", 0, "longer than"),
        ):
            both = {field: value}
            parts = changed(members(), str(part.name), local=both, central=both)
            yield Case(f"{field} of {part.name!r} is {value}", archive(parts), reason)


def sizes_without_measure() -> Iterator[Case]:
    for victim in VICTIMS:
        for size in (MOST_UNPACKED, FULL - 1):
            both: Fields = {"size": size}
            parts = changed(members(), victim, local=both, central=both)
            yield Case(f"{victim} of {size} bytes", archive(parts), "MiB unpacked, and up to 1024 are taken")
        for size in (1 << 33, 1 << 62, (1 << 64) - 1):
            both = {"size": FULL, "extra": struct.pack("<HHQ", 1, 8, size)}
            parts = changed(members(), victim, local=both, central=both)
            yield Case(f"{victim} of {size} bytes", archive(parts), "MiB unpacked, and up to 1024 are taken")
        both = {"size": RATIO_FROM + 1}
        parts = changed(members(), victim, local=both, central=both)
        yield Case(f"{victim} far too well packed", archive(parts), "more than 50 times as many")
    for size, files in ((MOST_UNPACKED // 4 + 1, 4), (MOST_UNPACKED // 100 + 1, 100)):
        both = {"size": size}
        parts = [Part(f"demo/{number}.bin", b"", local=both, central=both) for number in range(files)]
        yield Case(f"{files} files of {size} bytes", archive(members(parts)), "MiB unpacked")


def bombs() -> Iterator[Case]:
    """True to their word, and still too much."""
    content = bytes(RATIO_FROM + 1)
    yield Case("65 MB of nothing", archive(members([Part("demo/zeros", content)])), "more than 50 times")
    # The directory says little, and the stream gives much.
    told = {"size": 10}
    bomb = Part("demo/zeros", packed=deflated(content), local=told, central=told)
    yield Case("65 MB that pass for ten bytes", archive(members([bomb])), "is not in RECORD|longer than")
    for name in ("WHEEL", "METADATA", "RECORD"):
        path = f"{DIST_INFO}/{name}"
        parts = changed(members(), path, packed=deflated(content), local=told, central=told)
        yield Case(f"65 MB that pass for a {name} of ten bytes", archive(parts), "longer than")
        both = {"size": 33 * MIB}
        parts = changed(members(), path, local=both, central=both)
        yield Case(f"a {name} of 33 MB", archive(parts), f"has a {path} of more than \\d+ bytes")


def directories_without_measure() -> Iterator[Case]:
    for count in (MOST_MEMBERS + 1, 1 << 40, (1 << 64) - 1):
        both = {"here": count, "members": count}
        raw = archive(members(), end={"here": 0xFFFF, "members": 0xFFFF}, end_64=both)
        yield Case(f"{count} members", raw, f"has {count} members in a directory of")
    raw = archive(members())
    for more in (MOST_DIRECTORY, 2 * MOST_DIRECTORY):
        head, fields = raw[:-22], list(END.unpack(raw[-22:]))
        fields[5] += more
        yield Case(
            f"a directory of {more} bytes", head + bytes(more) + END.pack(*fields), "in a directory of"
        )


STREAMS = (damaged_streams, wrong_numbers, sizes_without_measure, bombs, directories_without_measure)
