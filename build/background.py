"""Work in a thread of its own that nobody has to wait for when the process ends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

R = TypeVar("R")


def begun(work: Callable[[], R], *, name: str) -> Future[R]:
    """Begins work in the background.

    An executor's threads would be waited for when the interpreter ends, however long their work takes; this
    one is a daemon, so that an interrupt ends all.

    Args:
        work: called once, in another thread.
        name: of the thread.

    Returns:
        What it gives or raises.
    """
    outcome: Future[R] = Future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 (every error belongs to whoever asks for the outcome)
            outcome.set_exception(error)
        else:
            outcome.set_result(result)

    Thread(target=run, name=name, daemon=True).start()
    return outcome
