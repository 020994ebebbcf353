"""Schedule expressions of EventBridge rules: `rate(...)` and `cron(...)`.

AWS docs, "Setting a schedule pattern for scheduled rules (legacy) in Amazon EventBridge".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_RATE = re.compile(r"rate\((?P<value>[1-9]\d*) (?P<unit>minute|hour|day)(?P<plural>s?)\)")
_CRON = re.compile(r"cron\((?P<fields>\S+(?: \S+){5})\)")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True, slots=True)
class _Field:
    """What a field of a cron expression can hold, besides `*`, lists, ranges and steps."""

    numbers: range
    names: Mapping[str, int] = field(default_factory=dict)
    special: re.Pattern[str] = re.compile(r"(?!)")

    def accepts(self, text: str) -> bool:
        return all(self._item(item) for item in text.split(","))

    def _item(self, item: str) -> bool:
        if self.special.fullmatch(item):
            return True
        span, slash, step = item.partition("/")
        if slash and not (step.isdecimal() and int(step) > 0):
            return False
        first, dash, last = span.partition("-")
        if dash:
            return self._number(first) and self._number(last)
        return span == "*" or self._number(span)

    def _number(self, text: str) -> bool:
        number = int(text) if text.isdecimal() else self.names.get(text.upper(), -1)
        return number in self.numbers


_FIELDS = (
    _Field(range(60)),
    _Field(range(24)),
    _Field(range(1, 32), special=re.compile(r"L|LW|([1-9]|[12]\d|3[01])W")),
    _Field(range(1, 13), {name: number for number, name in enumerate(_MONTHS, 1)}),
    _Field(
        range(1, 8),
        {name: number for number, name in enumerate(_DAYS, 1)},
        re.compile(rf"L|([1-7]|{'|'.join(_DAYS)})(L|#[1-5])", re.IGNORECASE),
    ),
    _Field(range(1970, 2200)),
)
_DAY_OF_MONTH, _DAY_OF_WEEK = 2, 4


def is_schedule(expression: str) -> bool:
    """Tells whether PutRule takes an expression.

    Args:
        expression: such as `rate(1 day)`, `rate(5 minutes)` or `cron(0 3 * * ? *)`.
    """
    rate = _RATE.fullmatch(expression)
    if rate:
        return (rate["value"] == "1") != bool(rate["plural"])
    cron = _CRON.fullmatch(expression)
    return cron is not None and _is_cron(cron["fields"].split(" "))


def _is_cron(fields: list[str]) -> bool:
    """One of the two days must be `?`: AWS does not take both."""
    open_days = [index for index in (_DAY_OF_MONTH, _DAY_OF_WEEK) if fields[index] == "?"]
    return len(open_days) == 1 and all(
        index in open_days or wanted.accepts(text)
        for index, (wanted, text) in enumerate(zip(_FIELDS, fields, strict=True))
    )
