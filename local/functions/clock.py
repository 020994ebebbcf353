"""Time as the service sees it, and the forms in which it writes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

Clock = Callable[[], dt.datetime]


def now() -> dt.datetime:
    """The time, in UTC."""
    return dt.datetime.now(dt.UTC)


def written(time: dt.datetime) -> str:
    """Such as `2026-11-23T11:02:17.123+0000`, Lambda's form of `LastModified` and `CreatedDate`."""
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}+0000"


def seconds(time: dt.datetime) -> float:
    """Seconds since 1970, the form of the protocol's timestamps."""
    return round(time.timestamp(), 3)
