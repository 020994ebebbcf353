"""What AWS cannot change of a resource that is there: the value it has and the one it would need."""

from __future__ import annotations

from collections.abc import Mapping

from .state import Found


def unlike(found: Found, wanted: Mapping[str, str], *, default: bool = False) -> str:
    """How a resource differs in what AWS cannot change.

    Args:
        found: the resource.
        wanted: attribute to the value that the program gives it; "" for none.
        default: whether an attribute that is not set has that value.

    Returns:
        One sentence with both values of each that differs; nothing where all are alike.
    """
    told = []
    for name, value in wanted.items():
        own = found.text(name) or (value if default else "")
        if own != value:
            told.append(f"its {name} is {own or 'none'}, not {value or 'none'}")
    return cannot_change(" and ".join(told)) if told else ""


def cannot_change(difference: str) -> str:
    """A difference, with what it means."""
    return f"{difference}, which AWS cannot change"
