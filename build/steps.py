"""What `--verbose` tells: a line on stderr for each step that is over, with time, amount and rate."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TextIO

from .console import tell
from .progress import Progress, Stage, Unit

_UNITS = (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000))


class VerboseProgress:
    """Tells of each stage when it is over, and lets another progress draw it until then."""

    def __init__(self, drawn: Progress, stream: TextIO) -> None:
        """Takes what draws, and where the lines go."""
        self._drawn = drawn
        self._stream = stream

    @contextmanager
    def stage(self, title: str, *, total: int, unit: Unit) -> Iterator[Stage]:
        """Opens a piece of work that is told of afterwards, whether it ends well or not."""
        begin = time.perf_counter()
        ending = "stopped"
        counted = None
        try:
            with self._drawn.stage(title, total=total, unit=unit) as stage:
                counted = _Counted(stage)
                yield counted
            ending = ""
        finally:
            seconds = time.perf_counter() - begin
            parts = [ending, amount_of(0 if counted is None else counted.done, unit, seconds)]
            said = ", ".join(part for part in parts if part)
            tell(self._stream, f"{seconds:7.2f} s  {title}{': ' if said else ''}{said}\n")


class _Counted:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._lock = Lock()
        self.done = 0

    def advance(self, amount: int) -> None:
        """Counts."""
        with self._lock:
            self.done += amount
        self._stage.advance(amount)

    def expect(self, amount: int) -> None:
        """Hands on."""
        self._stage.expect(amount)


def amount_of(done: int, unit: Unit, seconds: float) -> str:
    """How much was done and how fast, such as `55.0 MB, 110.0 MB/s`; nothing for nothing."""
    if not done:
        return ""
    rate = done / seconds if seconds > 0 else 0.0
    if unit == "bytes":
        return f"{_bytes(done)}, {_bytes(rate)}/s"
    return f"{done} {unit if done != 1 else unit.removesuffix('s')}, {rate:.0f} {unit}/s"


def _bytes(size: float) -> str:
    for name, factor in _UNITS:
        if size >= factor:
            return f"{size / factor:.1f} {name}"
    return f"{size:.0f} B"
