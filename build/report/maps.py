"""The treemaps of the page: one of all packages, and one of the folders of each larger package.

Cells are list items that a style sheet puts in their places, others for wide screens than for narrow ones; so
their labels are text that the browser cuts where it does not fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .described import Package
from .folders import Folder, folders_of
from .treemap import Cell, squarified

_COLOURS = 8
# What the style sheet gives a map, in pixels.
_DESKTOP = Cell(0, 0, 1000, 480)
_PHONE = Cell(0, 0, 326, 540)
NARROW = "40rem"
# Packages that are smaller than this part of the whole are not opened.
_SMALLEST = 0.004


class Place(NamedTuple):
    """A cell of a map.

    Attributes:
        id: of its element.
        label: its name.
        path: of which the name is the end.
        size: in bytes.
        files: how many.
        share: of the map, in percent.
        colour: a number below 8.
        inner: the id of the map that it opens; empty where it opens none.
    """

    id: str
    label: str
    path: str
    size: int
    files: int
    share: str
    colour: int
    inner: str


class Map(NamedTuple):
    """A treemap.

    Attributes:
        id: of its element.
        label: what it is of.
        size: in bytes.
        places: the largest first.
    """

    id: str
    label: str
    size: int
    places: tuple[Place, ...]


def maps_of(packages: Iterable[Package]) -> tuple[list[Map], str]:
    """Makes the maps of a layer.

    Args:
        packages: those of which no size is known are left out.

    Returns:
        The map of all packages, then those of single ones; and the style sheet that puts cells in place.
    """
    ordered = sorted(
        (each for each in packages if each.size), key=lambda each: (-(each.size or 0), each.name)
    )
    total = sum(each.size or 0 for each in ordered)
    opened: dict[str, list[Folder]] = {}
    for package in ordered:
        if package.contents and (package.size or 0) >= _SMALLEST * total:
            folders = [each for each in folders_of(package.contents) if each.size]
            if len(folders) > 1:
                opened[package.name] = folders
    inner = {name: f"in-{number}" for number, name in enumerate(opened, 1)}
    whole = [
        (Folder(_named(each), each.size or 0, each.files or 0), inner.get(each.name, "")) for each in ordered
    ]
    maps = [_map("all", "all packages", whole)]
    maps += [
        _map(inner[name], name or "no package", [(each, "") for each in folders])
        for name, folders in opened.items()
    ]
    return maps, _style(maps)


def _named(package: Package) -> str:
    return package.name or "no package"


def _map(number: str, label: str, parts: Sequence[tuple[Folder, str]]) -> Map:
    total = sum(each.size for each, _ in parts)
    places = tuple(
        Place(
            id=f"{number}-{place}",
            label=_last(part.path),
            path=part.path,
            size=part.size,
            files=part.files,
            share=f"{100 * part.size / total:.1f}",
            colour=place % _COLOURS,
            inner=inner,
        )
        for place, (part, inner) in enumerate(parts)
    )
    return Map(number, label, total, places)


def _last(path: str) -> str:
    """A path's last part; a folder keeps its slash."""
    return path[path.rstrip("/").rfind("/") + 1 :]


def _style(maps: Sequence[Map]) -> str:
    return f"{_rules(maps, _DESKTOP)}@media (max-width: {NARROW}) {{\n{_rules(maps, _PHONE)}}}\n"


def _rules(maps: Sequence[Map], screen: Cell) -> str:
    rules = []
    for each in maps:
        cells = squarified([place.size for place in each.places], screen)
        for place, cell in zip(each.places, cells, strict=True):
            left, width = (100 * length / screen.width for length in (cell.x, cell.width))
            top, height = (100 * length / screen.height for length in (cell.y, cell.height))
            rules.append(
                f"#{place.id}{{left:{left:.2f}%;top:{top:.2f}%;width:{width:.2f}%;height:{height:.2f}%}}\n"
            )
    return "".join(rules)
