"""The bytes of a query and of its answer: JSON objects whose values are strings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..errors import UserError
from ..query import MOST_BYTES

_EXAMPLE = '{"lock": "requirements.txt", "python": "3.12"}'
_KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


def read_query(content: bytes) -> dict[str, str]:
    """Reads a query.

    Args:
        content: all that stood on stdin.

    Returns:
        Each key with its value.

    Raises:
        UserError: it is no JSON object of strings; every value that is none is named.
    """
    if len(content) > MOST_BYTES:
        raise UserError(f"the query is longer than {MOST_BYTES >> 20} MiB; it is one JSON object: {_EXAMPLE}")
    try:
        # Some shells begin with a byte order mark, which a reader may ignore (RFC 8259, 8.1).
        pairs = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_Pairs)
    except UnicodeDecodeError as error:
        raise UserError(f"the query is not UTF-8 (byte {error.start})") from error
    except (ValueError, RecursionError) as error:
        found = "nothing" if not content.strip() else "something else"
        raise UserError(
            f"the query on standard input has to be one JSON object, such as {_EXAMPLE}; it is {found}"
        ) from error
    if not isinstance(pairs, _Pairs):
        raise UserError(f"the query is JSON, but no object; write one such as {_EXAMPLE}")
    return _checked(pairs)


def written_answer(fields: Mapping[str, str]) -> str:
    """An answer as one line, all of it ASCII: the same fields give the same line in every locale."""
    return json.dumps(fields) + "\n"


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object as they stand there."""


def _checked(pairs: _Pairs) -> dict[str, str]:
    faults = []
    found: dict[str, str] = {}
    for key, value in pairs:
        if key in found:
            faults.append(f"{_shown(key)} is given twice")
        elif not isinstance(value, str):
            faults.append(f"{_shown(key)} is {_kind(value)}; {_remedy(value)}")
        elif not _is_text(value) or not _is_text(key):
            faults.append(f"{_shown(key)} has a character that no file name and no text can have")
        found[key] = value
    if faults:
        raise UserError(*faults)
    return found


def _kind(value: object) -> str:
    return "an object" if isinstance(value, _Pairs) else _KINDS.get(type(value), "null")


def _remedy(value: object) -> str:
    if isinstance(value, bool | int | float):
        return f'every value is a string: write "{json.dumps(value)}"'
    if isinstance(value, list) and not isinstance(value, _Pairs):
        return "every value is a string: write it with commas, or with Terraform's jsonencode"
    return "every value is a string; leave out what is not wanted"


def _is_text(text: str) -> bool:
    """Whether it has neither NUL nor half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


def _shown(key: str) -> str:
    return ascii(key[:60])[1:-1] or '""'
