"""A squarified treemap: areas as large as their numbers, and as near to squares as they can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Cell(NamedTuple):
    """A rectangle, in the units of the whole.

    Attributes:
        x: of its left side.
        y: of its top.
        width: to the right.
        height: downwards.
    """

    x: float
    y: float
    width: float
    height: float


def squarified(sizes: Sequence[float], whole: Cell) -> list[Cell]:
    """Divides a rectangle (Bruls, Huizing, van Wijk: "Squarified Treemaps", 2000).

    Args:
        sizes: positive, the largest first.
        whole: what is divided.

    Returns:
        A rectangle for each size, in their order; together they fill the whole.
    """
    total = sum(sizes)
    if not total:
        return []
    scale = whole.width * whole.height / total
    areas = [size * scale for size in sizes]
    cells: list[Cell] = []
    rest = whole
    begin = 0
    while begin < len(areas):
        end = _row_end(areas, begin, min(rest.width, rest.height))
        row = areas[begin:end]
        placed, rest = _placed(row, rest)
        cells += placed
        begin = end
    return cells


def _row_end(areas: Sequence[float], begin: int, side: float) -> int:
    """How many areas make one row along a side: as long as the worst of them does not get worse."""
    end = begin + 1
    worst = _worst(areas[begin:end], side)
    while end < len(areas):
        found = _worst(areas[begin : end + 1], side)
        if found > worst:
            break
        worst = found
        end += 1
    return end


def _worst(row: Sequence[float], side: float) -> float:
    depth = sum(row) / side if side else 0
    if not depth:
        return float("inf")
    return max(max(depth * depth / area, area / (depth * depth)) for area in (row[0], row[-1]) if area)


def _placed(row: Sequence[float], rest: Cell) -> tuple[list[Cell], Cell]:
    total = sum(row)
    cells: list[Cell] = []
    if rest.width >= rest.height:
        depth = total / rest.height if rest.height else 0
        at = rest.y
        for area in row:
            height = rest.height * area / total
            cells.append(Cell(rest.x, at, depth, height))
            at += height
        return cells, Cell(rest.x + depth, rest.y, max(rest.width - depth, 0), rest.height)
    depth = total / rest.width if rest.width else 0
    at = rest.x
    for area in row:
        width = rest.width * area / total
        cells.append(Cell(at, rest.y, width, depth))
        at += width
    return cells, Cell(rest.x, rest.y + depth, rest.width, max(rest.height - depth, 0))
