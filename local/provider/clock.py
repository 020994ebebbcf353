"""Waits and retries in the real provider's order, on a clock that can run faster than ours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from botocore.exceptions import ClientError

from .errors import ProviderError

T = TypeVar("T")

SCALE_VARIABLE = "LAMINA_CLOCK_SCALE"
DEFAULT_SCALE = 1000.0
PROPAGATION = 5 * 60.0
"""Seconds for which upstream retries what IAM and Lambda only learn after a while."""


class Clock:
    """A clock whose seconds pass `scale` times as fast as real ones.

    Limits count the seconds that were slept, not those that calls took: the same sequence of calls on any
    machine.
    """

    def __init__(self, scale: float = DEFAULT_SCALE) -> None:
        self._scale = scale
        self._cancelled = threading.Event()

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Clock:
        """The clock that `LAMINA_CLOCK_SCALE` asks for; without it a second of the provider is a millisecond.

        Raises:
            ProviderError: when that is no positive number.
        """
        text = environ.get(SCALE_VARIABLE, "")
        try:
            scale = float(text) if text else DEFAULT_SCALE
        except ValueError:
            scale = 0.0
        if scale <= 0:
            raise ProviderError(f"{SCALE_VARIABLE} must be a number above 0, not {text!r}")
        return cls(scale)

    def cancel(self) -> None:
        """Ends every wait that is under way or still to come, until `resume`."""
        self._cancelled.set()

    def resume(self) -> None:
        """Waits are possible again: an engine cancels a provider that it attached to when its run ends."""
        self._cancelled.clear()

    def sleep(self, seconds: float) -> None:
        """Sleeps for so many of this clock's seconds.

        Raises:
            ProviderError: when the operation is cancelled meanwhile.
        """
        if self._cancelled.wait(seconds / self._scale):
            raise ProviderError("the operation was cancelled")

    def retry(
        self, action: Callable[[], T], *, when: Callable[[ClientError], bool], within: float = PROPAGATION
    ) -> T:
        """What `action` gives, tried again for `within` seconds while `when` accepts its error."""
        for pause in _pauses(within):
            try:
                return action()
            except ClientError as error:
                if not when(error):
                    raise
            self.sleep(pause)
        return action()

    def wait(
        self, probe: Callable[[], T | None], *, what: str, within: float, first: float = 0.0, times: int = 1
    ) -> T:
        """The probe's answer once it has given one (anything but None and False) `times` times in a row.

        Raises:
            ProviderError: when that takes longer than `within` seconds; `what` says what was awaited.
        """
        self.sleep(first)
        row = 0
        for pause in (*_pauses(within), None):
            found = probe()
            row = row + 1 if found is not None and found is not False else 0
            if row >= times and found is not None:
                return found
            if pause is not None:
                self.sleep(0.0 if 0 < row < times else pause)
        raise ProviderError(f"timeout while waiting for {what} (timeout: {within:.0f}s)")


def _pauses(within: float) -> Iterator[float]:
    """Pauses that double from half a second to ten, as upstream's retries do, `within` seconds altogether."""
    pause, passed = 0.5, 0.0
    while passed < within:
        yield pause
        passed += pause
        pause = min(pause * 2, 10.0)
