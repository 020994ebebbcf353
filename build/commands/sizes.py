"""Ages and sizes as people write them: `30d`, `500M`."""

from __future__ import annotations

import re

from ..errors import UserError

_AGES = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_SIZES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def read_age(option: str, text: str) -> float:
    """An age in seconds.

    Args:
        option: for which it was given.
        text: a number and its unit: s, m, h, d or w.

    Raises:
        UserError: it is none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", text.strip().lower())
    if not found:
        raise UserError(f"{option} {text}: write a number and a unit, such as 12h, 30d or 8w")
    return float(found[1]) * _AGES[found[2]]


def read_size(option: str, text: str) -> int:
    """A size in bytes.

    Args:
        option: for which it was given.
        text: a number and its unit, which counts in steps of 1024: nothing, K, M, G or T, also as MB or MiB.

    Raises:
        UserError: it is none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]?)(?:I?B)?", text.strip().upper())
    if not found:
        raise UserError(f"{option} {text}: write a number and a unit, such as 500M or 2G")
    return int(float(found[1]) * _SIZES[found[2]])
