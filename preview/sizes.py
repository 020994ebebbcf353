"""Sizes in bytes as people read them."""

from __future__ import annotations


def size_of(size: int) -> str:
    """A size in the largest unit that it fills; `1.2 MB` are 1,200,000 bytes, as `python -m build` has it."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if abs(size) >= factor:
            return f"{size / factor:,.1f} {unit}"
    return f"{size} B"


def signed(size: int | None) -> str:
    """A difference of sizes with its sign, such as `+1.2 MB`; a question mark where it is not known."""
    if size is None:
        return "?"
    return f"{'±' if size == 0 else '+' if size > 0 else '−'}{size_of(abs(size))}"  # noqa: RUF001 (a minus)


def counted(count: int, name: str) -> str:
    """A number of things: `1 package`, `2 packages`."""
    return f"{count:,} {name if count == 1 else f'{name}s'}"
