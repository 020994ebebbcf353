"""Splits lists into pages as the list operations do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from local import limits

from .errors import invalid

Item = TypeVar("Item")


def page_of(
    items: Sequence[Item], marker: str | None, max_items: int | None
) -> tuple[list[Item], str | None]:
    """Gives one page.

    Args:
        items: the whole list, in an order that stays.
        marker: the previous page's; None for the first page.
        max_items: the size of a page, at most and by default 50.

    Returns:
        The items, and the marker of the next page if there is one.

    Raises:
        LambdaError: the marker is none of ours.
    """
    if marker is not None and not marker.isdecimal():
        raise invalid("The Marker parameter is invalid.")
    begin = int(marker or 0)
    end = begin + min(max_items or limits.PAGE, limits.PAGE)
    return list(items[begin:end]), str(end) if end < len(items) else None
