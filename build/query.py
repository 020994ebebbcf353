"""The query on stdin, for the one command that is given one: read as it is, before anything is loaded."""

from __future__ import annotations

import sys
from collections.abc import Sequence

COMMAND = "external"
# Whoever gives more gives something else than a query.
MOST_BYTES = 1 << 20


def query_for(arguments: Sequence[str]) -> bytes | None:
    """The bytes of the query, where the command line wants one.

    Args:
        arguments: of the command line.

    Returns:
        At most one byte more than `MOST_BYTES`; None for other commands, for help, and where stdin cannot be
        read, of which the command tells.
    """
    asked = next((argument for argument in arguments if not argument.startswith("-")), None)
    if asked != COMMAND or not {"-h", "--help"}.isdisjoint(arguments):
        return None
    if sys.stdin is None or sys.stdin.isatty():
        return None
    try:
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    except OSError:
        return None
