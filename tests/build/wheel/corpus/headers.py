"""Headers, descriptors and spans that disagree with the directory."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ..archives import DESCRIBED, DIST_INFO, END, FULL, MODULES, VICTIMS, Part, archive, changed, members
from .case import Case

MODULE, DEEP, DATA = MODULES


LIES = {
    "mark": {"mark": b"PK\1\2"},
    "another name": {"name": b"demo/other.py"},
    "a longer name": {"name": b"demo/__init__.pyc"},
    "no name": {"name": b""},
    "another method": {"method": 0},
    "a descriptor": {"flags": DESCRIBED},
    "another checksum": {"crc": 1},
    "no checksum": {"crc": 0},
    "another size": {"size": 5},
    "another packed size": {"packed": 5},
    "no sizes": {"size": 0, "packed": 0},
    "zip64 without its field": {"size": FULL},
    "zip64 with another size": {"size": FULL, "extra": struct.pack("<HHQ", 1, 8, 7)},
    "zip64 with a short field": {"size": FULL, "packed": FULL, "extra": struct.pack("<HHI", 1, 4, 7)},
}


def headers_that_disagree() -> Iterator[Case]:
    for victim in VICTIMS:
        for what, local in LIES.items():
            parts = changed(members(), victim, local=local)
            yield Case(
                f"{what} before {victim}",
                archive(parts),
                "damaged: its own header has (an?other|other flags)",
            )
    part = Part("demo/ä.py", b"x", local={"flags": 0})
    yield Case("UTF-8 in the directory only", archive(members([part])), "has other flags")


DESCRIPTORS = ("<III", "<4sIII", "<IQQ", "<4sIQQ")


def descriptors_that_lie() -> Iterator[Case]:
    for victim in (MODULE, DATA, f"{DIST_INFO}/RECORD"):
        for layout in DESCRIPTORS:
            for name in ("crc", "packed", "size"):
                parts = changed(members(), victim, descriptor=layout, told={name: 7})
                yield Case(f"{name} of {victim} {layout}", archive(parts), "does not describe it")
                parts = changed(members(), victim, descriptor=layout, local={name: 7})
                yield Case(f"{name} before {victim} {layout}", archive(parts), "own header has another")
    for layout in ("<I", "<II", "<4sII", "<4sIIIQ"):
        parts = changed(members(), DEEP, descriptor="<III")
        place = [part.name for part in parts].index(DEEP)
        whole = parts[place]
        both = {"flags": DESCRIBED}
        more = whole.stream + bytes(struct.calcsize(layout))
        parts[place] = whole.__class__(
            DEEP,
            whole.content,
            packed=more,
            local=both | {"packed": len(whole.stream)},
            central=both | {"packed": len(whole.stream)},
        )
        yield Case(f"a descriptor like {layout}", archive(parts), "does not describe it")


def gaps_and_overlaps() -> Iterator[Case]:
    hidden = Part("demo/hidden.py", b"evil()\n").written()
    for victim in VICTIMS:
        for what, gap in (("a byte", b"x"), ("22 bytes", bytes(22)), ("a file", hidden)):
            parts = changed(members(), victim, before=gap)
            yield Case(f"{what} before {victim}", archive(parts), f"{len(gap)} bytes before it that belong")
        (part,) = [each for each in members() if each.name == victim]
        for less in (1, len(part.stream) // 2):
            told = {"packed": len(part.stream) - less}
            parts = changed(members(), victim, local=told, central=told)
            yield Case(f"{victim} ends {less} early", archive(parts), "belong to no file")
        for more in (1, 40):
            told = {"packed": len(part.stream) + more}
            parts = changed(members(), victim, local=told, central=told)
            yield Case(f"{victim} overlaps by {more}", archive(parts), "overlaps what follows")
    for gap in (b"x", bytes(22), hidden):
        yield Case(f"{len(gap)} before the directory", archive(members(), gap=gap), "belong to no file")


def quoted_bombs() -> Iterator[Case]:
    """Many entries of one stream (D. Fifield, "A better zip bomb", 2019)."""
    whole = members()
    for times in (2, 10, 500):
        copies = [Part(MODULE, MODULES[MODULE], central={"offset": 0})]
        raw = bytearray(archive(whole))
        place = raw.rfind(b"PK\5\6")
        entries = b"".join(copies[0].entry(0).replace(b"__init__", f"{n:08}".encode()) for n in range(times))
        fields = list(END.unpack_from(raw, place))
        fields[3] += times
        fields[4] += times
        fields[5] += len(entries)
        raw[place:] = entries + END.pack(*fields)
        yield Case(f"{times} entries of one stream", bytes(raw), "its own header has another name")
    kernel = Part("demo/a.py", b"x" * 100, 0)
    for times in (2, 9):
        parts = members([kernel, *(Part(f"demo/b{n}.py", b"y", 0) for n in range(times))])
        inner = len(parts[1].written())
        told = {"packed": 100 + inner, "size": 100 + inner}
        parts[0] = Part("demo/a.py", b"x" * 100, 0, local=told, central=told)
        yield Case(f"a stream with a header in it, {times}", archive(parts), "overlaps what follows")
    for place in (1, 29, 60):
        parts = changed(members(), DEEP, central={"offset": place})
        yield Case(f"an offset of {place}", archive(parts), "its own header has another name")
    parts = changed(members(), DEEP, central={"offset": 0x7FFFFFFF})
    yield Case("an offset far away", archive(parts), "the archive ends before it")
    for offset in (1 << 63, (1 << 64) - 1):
        extra = struct.pack("<HHQ", 1, 8, offset)
        parts = changed(members(), DEEP, central={"offset": 0xFFFFFFFF, "extra": extra})
        yield Case(f"an offset of {offset}", archive(parts), "the archive ends before it")


HEADERS = (
    headers_that_disagree,
    descriptors_that_lie,
    gaps_and_overlaps,
    quoted_bombs,
)
