"""Values of a query, read by key: all faults are gathered, each with its key and the nearest right one."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from ..errors import UserError

T = TypeVar("T")

_FLAGS = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}


class Reader:
    """Reads one value after the other, and goes on where one is wrong.

    An empty value is as if its key were not there: a module's caller can leave it open so.

    Attributes:
        faults: what was wrong so far.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        """Takes the query's keys and values."""
        self._given = given
        self.faults: list[str] = []

    def refuse_unknown(self, known: Collection[str], also: Mapping[str, str] | None = None) -> None:
        """Refuses every key that is not known.

        Args:
            known: all that there are.
            also: what people write for one of them.
        """
        for key in sorted(set(self._given) - set(known)):
            others = "" if (near := nearest(key, known, also)) else f"; there are {', '.join(known)}"
            self.faults.append(f"there is no key {key[:60]!r}{near}{others}")

    def text(self, key: str, default: str = "", *, needed: str = "") -> str:
        """A value as it stands.

        Args:
            key: of it.
            default: where it is empty or not there.
            needed: makes that a fault, and says what it wants.
        """
        value = self._given.get(key, "")
        if not value and needed:
            self.faults.append(f"{key} is missing: it names {needed}")
        return value or default

    def flag(self, key: str, *, default: bool = False) -> bool:
        """`true` or `false`, as Terraform writes them."""
        value = self.one_of(key, ("true", "false"), "true" if default else "false", _FLAGS)
        return value == "true"

    def one_of(
        self, key: str, known: Collection[str], default: str, also: Mapping[str, str] | None = None
    ) -> str:
        """One of some values.

        Args:
            key: of it.
            known: all that it can be.
            default: where it is not given, or wrong.
            also: what people write for one of them.
        """
        value = self.text(key, default)
        if value in known:
            return value
        near = nearest(value, known, also)
        self.faults.append(f"{key} cannot be {value[:60]!r}; it is one of {', '.join(known)}{near}")
        return default

    def many(self, key: str) -> tuple[str, ...]:
        """Several values: with commas between them, or as a JSON list, for what has commas in it."""
        value = self.text(key).strip()
        if not re.match(r"\[\s*[\"\]]", value):
            return tuple(each.strip() for each in value.split(",") if each.strip())
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, list) or not all(isinstance(each, str) and each for each in found):
            self.faults.append(f"{key} begins as a JSON list, but is no list of strings: {value[:60]}")
            return ()
        return tuple(found)

    def checked(self, key: str, make: Callable[[], T], default: T) -> T:
        """What is made of a value; a default where it is refused."""
        try:
            return make()
        except UserError as error:
            self.faults += [fault if fault.startswith(key) else f"{key}: {fault}" for fault in error.faults]
            return default


def nearest(given: str, known: Collection[str], also: Mapping[str, str] | None = None) -> str:
    """`; did you mean …?`, where something known is near to what was given.

    Args:
        given: which is not known.
        known: what could be meant.
        also: other words for some of them.
    """
    text = given.strip().lower().replace("-", "_")
    words = {each: each for each in known} | dict(also or {})
    found = [word for word in words if text == word]
    found += [word for word in words if len(text) > 1 and word.startswith(text)]
    found += difflib.get_close_matches(text, words, n=1, cutoff=0.6)
    return f"; did you mean {words[found[0]]}?" if found else ""
