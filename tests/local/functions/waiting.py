"""Waiting for what happens on other threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def eventually(look: Callable[[], Value], seconds: float = 20.0) -> Value:
    """Looks until there is something to see; what it gives is true, or the time is over."""
    until = time.monotonic() + seconds
    while not (value := look()) and time.monotonic() < until:
        time.sleep(0.05)
    return value
