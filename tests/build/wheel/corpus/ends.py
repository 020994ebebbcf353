"""Directories and end records that are cut, moved or lie."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ..archives import FULL, VICTIMS, Fields, Part, archive, changed, members
from .case import Case


def cut_short() -> Iterator[Case]:
    raw = archive(members())
    for length in [*range(1, 24), *range(24, len(raw), len(raw) // 24)]:
        yield Case(f"{length} bytes missing at the end", raw[:-length], "is not a sound zip archive")
        yield Case(f"{length} bytes missing at the beginning", raw[length:], "is not a sound zip archive")
    yield Case("nothing", b"", "no end record")
    yield Case("no zip", b"not a zip" * 100, "no end record")


def more_than_an_archive() -> Iterator[Case]:
    raw = archive(members())
    for what, more in (("a byte", b"\0"), ("22 bytes", bytes(22)), ("a page", b"<html>" * 700)):
        yield Case(f"{what} behind it", raw + more, "is not a sound zip archive")
        yield Case(f"{what} before it", more + raw, "is not a sound zip archive")
    yield Case("another archive behind it", raw + archive([Part("a", b"b")]), "not where its end record says")
    yield Case("another archive before it", archive([Part("a", b"b")]) + raw, "not where its end record says")
    end = archive([])
    yield Case("a comment that is an end", archive(members(), comment=end), "not where its end record says")
    yield Case(
        "a comment with a mark", archive(members(), comment=end + b"x"), "a comment that looks like one"
    )
    for told in (1, 30, 0xFFFF):
        raw = archive(members(), end={"comment": told})
        yield Case(f"a comment of {told} bytes that is not there", raw, "bytes behind its end record")


def ends_that_lie() -> Iterator[Case]:
    whole = members()
    size = sum(len(part.entry(0)) for part in whole)
    begin = sum(len(part.written()) for part in whole)
    fields = {
        "disk": 0,
        "other_disk": 0,
        "here": len(whole),
        "members": len(whole),
        "size": size,
        "begin": begin,
    }
    for name, value in fields.items():
        for other in {value + 1, value + 46, max(value - 1, 0), 0xFFFF} - {value}:
            yield Case(f"{name} is {other}", archive(whole, end={name: other}), "is not a sound zip archive")
            raw = archive(whole, end_64={name: other})
            yield Case(f"{name} is {other} in zip64", raw, "is not a sound zip archive")
            raw = archive(whole, end={name: other}, end_64={})
            if other != 0xFFFF:
                yield Case(f"{name} is {other} beside zip64", raw, "is not a sound zip archive")
    for count in (len(whole) - 1, len(whole) + 1):
        both = {"here": count, "members": count}
        yield Case(f"{count} members", archive(whole, end=both), f"and its end record has {count}")
        raw = archive(whole, end=both, end_64=both)
        yield Case(f"{count} members in zip64", raw, f"and its end record has {count}")
    damages: list[Fields] = [{"length": 45}, {"length": 0}, {"mark": b"PK\6\5"}, {"rest": b"more"}]
    for damage in damages:
        yield Case(f"{damage} of zip64", archive(whole, end_64=damage), "zip64")
    for name, value in (("disk", 1), ("place", 0), ("place", 1 << 62), ("disks", 0), ("disks", 2)):
        raw = archive(whole, locator={name: value})
        yield Case(f"{name} {value} of the locator", raw, "zip64 locator does not point")


def entries_that_make_no_sense() -> Iterator[Case]:
    for victim in VICTIMS:
        parts = changed(members(), victim, central={"mark": b"PK\0\0"})
        yield Case(f"no entry of {victim}", archive(parts), "is not a sound zip archive")
        parts = changed(members(), victim, central={"volume": 1})
        yield Case(f"{victim} on another disk", archive(parts), "is in another part of the archive")
        parts = changed(members(), victim, central={"size": FULL})
        yield Case(f"{victim} with zip64 and no field", archive(parts), "")
        extra = struct.pack("<HH", 1, 60000)
        parts = changed(members(), victim, central={"extra": extra})
        yield Case(f"{victim} with a broken extra field", archive(parts), "is not a sound zip archive")


ENDS = (
    cut_short,
    more_than_an_archive,
    ends_that_lie,
    entries_that_make_no_sense,
)
