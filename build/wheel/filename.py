"""The file name of a wheel, taken apart; whoever wrote it may mean harm."""

from __future__ import annotations

import re

from packaging.tags import Tag
from packaging.utils import BuildTag, NormalizedName, parse_wheel_filename
from packaging.version import Version

from .limits import MOST_NAME

# What its parts are made of ("Binary distribution format", "Escaping and Unicode"), and no more of it than a
# file's name can have: a list of tags stands for as many as its three parts multiplied.
_LIKE_A_WHEEL = re.compile(rf"[\w.+!-]{{1,{MOST_NAME - 4}}}\.whl", re.IGNORECASE)


def parse_filename(filename: str) -> tuple[NormalizedName, Version, BuildTag, frozenset[Tag]]:
    """As packaging's `parse_wheel_filename`, in bounded time, for what could be the name of a file.

    Raises:
        ValueError: it is no wheel's.
    """
    if not _LIKE_A_WHEEL.fullmatch(filename):
        raise ValueError("it is too long, or has characters that none can have")
    return parse_wheel_filename(filename)
