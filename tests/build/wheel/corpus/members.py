"""Members that get in each other's way."""

from __future__ import annotations

from collections.abc import Iterator

from ..archives import VICTIMS, Part, archive, members
from .case import Case


def twice() -> Iterator[Case]:
    for victim in VICTIMS:
        (first,) = [part for part in members() if part.name == victim]
        for what, content in (("the same", first.content), ("other", b"other")):
            for place in (0, len(VICTIMS)):
                parts = members()
                parts.insert(place, Part(victim, content))
                yield Case(f"{victim} twice with {what} bytes at {place}", archive(parts), "is in it twice")


def files_and_folders() -> Iterator[Case]:
    for victim in VICTIMS[:3]:
        for child in ("x.py", "deep/x.py"):
            parts = members([Part(f"{victim}/{child}", b"x")])
            yield Case(f"{child} below {victim}", archive(parts), "is a file and a folder")
            yield Case(f"{child} before {victim}", archive(parts[::-1]), "is a file and a folder")
    for path in ("demo", "demo/deep"):
        parts = members([Part(path, b"x")])
        yield Case(f"{path} is a file, too", archive(parts), "is a file and a folder")
    for path in ("demo", "demo/__init__.py/x"):
        for scheme in ("purelib", "platlib", "data"):
            parts = members([Part(f"demo-1.0.data/{scheme}/{path}", b"x")])
            yield Case(f"{path} in {scheme}", archive(parts), "would be installed as a file and a folder")
    for scheme in ("purelib", "platlib", "data"):
        parts = members([Part(f"demo-1.0.data/{scheme}/demo/__init__.py", b"other")])
        yield Case(f"another module in {scheme}", archive(parts), "would be installed twice")


MEMBERS = (
    twice,
    files_and_folders,
)
