"""Members that are no plain files, or packed in other ways."""

from __future__ import annotations

import stat
from collections.abc import Iterator

from ..archives import DIST_INFO, MODULES, VICTIMS, Part, archive, changed, deflated, members
from .case import Case

MODULE, DEEP, DATA = MODULES


KINDS = {"link": stat.S_IFLNK, "character device": stat.S_IFCHR, "block device": stat.S_IFBLK}
KINDS |= {"pipe": stat.S_IFIFO, "socket": stat.S_IFSOCK, "folder": stat.S_IFDIR, "unknown kind": 0o030000}


def kinds() -> Iterator[Case]:
    for kind, mode in KINDS.items():
        for victim in VICTIMS:
            parts = changed(members(), victim, mode=mode | 0o777)
            yield Case(f"{victim} is a {kind}", archive(parts), "is not a regular file")
    for kind in ("link", "block device"):
        parts = [Part("demo/sub/", mode=KINDS[kind] | 0o777), *members()]
        yield Case(f"a folder is a {kind}", archive(parts), "is not a regular file")
    for content in (b"x", b"x" * 1000):
        for method in (0, 8):
            parts = [Part("demo/sub/", content, method), *members()]
            yield Case(f"a folder of {len(content)} by {method}", archive(parts), "a folder with content")
    for stream in (b"hidden", deflated(b"hidden"), deflated(b"") + b"hidden", b"", b"\x03"):
        parts = [Part("demo/sub/", packed=stream), *members()]
        yield Case(f"a folder packed as {stream!r}", archive(parts), "demo/sub/ is damaged")
    parts = [Part("demo/sub/", method=0, packed=b"hidden"), *members()]
    yield Case("a folder with a hidden stream", archive(parts), "demo/sub/ is damaged: it is longer")


def methods() -> Iterator[Case]:
    for method in [*range(1, 8), *range(9, 21), *range(93, 100), 255, 0xFFFF]:
        for victim in (MODULE, f"{DIST_INFO}/RECORD"):
            parts = changed(members(), victim, method=method)
            yield Case(f"{victim} by method {method}", archive(parts), f"is packed by method {method} ")


def flags() -> Iterator[Case]:
    for bit in (0, 5, 6, 13):
        for victim in VICTIMS:
            both = {"flags": 1 << bit}
            parts = changed(members(), victim, local=both, central=both)
            yield Case(f"{victim} with flag {bit}", archive(parts), "is encrypted, or a patch")


KINDS_OF_MEMBERS = (
    kinds,
    methods,
    flags,
)
