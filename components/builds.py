"""Builds that go on while the program does: several at once, and each that fails is told of at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import pulumi

from build.background import begun
from build.errors import LaminaError

R = TypeVar("R")

# More would share the same processor and the same connections, and each holds its memory meanwhile.
AT_ONCE = 4


class RefusedError(Exception):
    """Something was built, and cannot be used.

    Attributes:
        reasons: a line each.
    """

    def __init__(self, reasons: Sequence[str], conclusion: str) -> None:
        """Takes the lines; the conclusion comes last."""
        super().__init__(conclusion)
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class _Build:
    name: str
    outcome: Future[Any]
    over: asyncio.Future[None]


@dataclass(slots=True)
class _Run:
    """The builds of one run of a program that nothing was told of yet, in the order of the program."""

    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))
    builds: list[_Build] = field(default_factory=list)
    end: str = ""

    async def told(self) -> str:
        """Waits until no build is under way, and tells what is wrong with each that failed.

        Returns:
            The line that the run is to end with; all before it are told.
        """
        while running := [each.over for each in self.builds if not each.over.done()]:
            await asyncio.wait(running)
        lines = [line for build in self.builds for line in _faults(build, alone=len(self.builds) == 1)]
        self.builds.clear()
        if lines:
            *before, self.end = lines
            for line in before:
                pulumi.log.error(line)
        return self.end


_runs: WeakKeyDictionary[asyncio.AbstractEventLoop, _Run] = WeakKeyDictionary()


def in_background(name: str, build: Callable[[], R]) -> pulumi.Output[R]:
    """Begins a build.

    Args:
        name: of what is built; where there are several, it is told whose fault it is.
        build: knows nothing of Pulumi, because it is called in another thread.

    Returns:
        What it gives, in previews, too. Where it raises LaminaError or RefusedError, the run ends with
        pulumi.RunError; not before all builds are over, so that every fault is told.
    """
    loop = asyncio.get_event_loop()
    run = _runs.setdefault(loop, _Run())

    def work() -> R:
        with run.places:
            return build()

    def tell(_: Future[R]) -> None:
        # A run that was interrupted is over before its builds are.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(over.set_result, None)

    over: asyncio.Future[None] = loop.create_future()
    outcome = begun(work, name=f"build {name}")
    outcome.add_done_callback(tell)
    run.builds.append(_Build(name, outcome, over))
    return pulumi.Output.from_input(_result(run, outcome, over))


async def _result(run: _Run, outcome: Future[R], over: asyncio.Future[None]) -> R:
    await over
    if isinstance(outcome.exception(), LaminaError | RefusedError):
        raise pulumi.RunError(await run.told()) from None
    return outcome.result()


def _faults(build: _Build, *, alone: bool) -> list[str]:
    """What is wrong with a build, a line each."""
    error = build.outcome.exception()
    whose = "" if alone else f"{build.name}: "
    if isinstance(error, RefusedError):
        return [*(f"{whose}{reason}" for reason in error.reasons), str(error)]
    return [f"{whose}{error}"] if isinstance(error, LaminaError) else []
