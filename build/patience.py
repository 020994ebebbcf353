"""A stage that is drawn only once it has taken a while: what is short neither flickers nor loads rich."""

from __future__ import annotations

from contextlib import ExitStack
from threading import Lock, Timer

from .progress import Stage, Unit

# Shorter than what people feel as waiting; a warm build is over before.
PATIENCE = 0.4


class Patient:
    """Counts from the beginning, and shows a bar after `PATIENCE` seconds."""

    def __init__(self, title: str, total: int, unit: Unit) -> None:
        """Starts to wait; the arguments are `Progress.stage`'s."""
        self._title = title
        self._total = total
        self._unit: Unit = unit
        self._done = 0
        self._over = False
        self._bar: Stage | None = None
        self._stack = ExitStack()
        self._lock = Lock()
        self._timer = Timer(PATIENCE, self._draw)
        self._timer.daemon = True
        self._timer.start()

    def advance(self, amount: int) -> None:
        """Says that `amount` more units are done."""
        with self._lock:
            self._done += amount
            if self._bar is not None:
                self._bar.advance(amount)

    def expect(self, amount: int) -> None:
        """Says that there are `amount` more units to do."""
        with self._lock:
            self._total += amount
            if self._bar is not None:
                self._bar.expect(amount)

    def close(self) -> None:
        """Takes the bar away, or sees to it that none comes."""
        self._timer.cancel()
        with self._lock:
            self._over = True
            self._stack.close()

    def _draw(self) -> None:
        from .bars import bar  # noqa: PLC0415 (rich is loaded only where somebody waits)

        with self._lock:
            if not self._over:
                self._bar = self._stack.enter_context(bar(self._title, total=self._total, unit=self._unit))
                self._bar.advance(self._done)
