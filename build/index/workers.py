"""Work in a few threads that an interrupt stops at once."""

from __future__ import annotations

import queue
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# How long stopped threads may take to put away their temporary files.
_PATIENCE = 2.0
# mallopt(3), from malloc.h.
_ARENA_MAX = -8


class StoppedError(Exception):
    """Raised inside a worker when nobody waits for its result any more."""


def in_parallel(
    work: Callable[[T], R],
    items: Sequence[T],
    *,
    stop: Event,
    interrupt: Callable[[], None],
    workers: int = 8,
) -> list[R | Exception]:
    """Does `work` for each item, up to `workers` at a time.

    Args:
        work: called in other threads; long work looks at `stop` now and then and raises StoppedError.
        items: what to do it for.
        stop: set when the rest should be dropped: by an interrupt, or by `work` itself.
        interrupt: frees threads that wait for something, after `stop` is set.
        workers: how many threads.

    Returns:
        For each item in order what `work` gave or raised.

    Raises:
        KeyboardInterrupt: as soon as it comes; the threads are told, and end without being waited for longer
            than they need to clean up.
    """
    todo: queue.SimpleQueue[tuple[int, T]] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, R | Exception]] = queue.SimpleQueue()
    for place, item in enumerate(items):
        todo.put((place, item))

    def outcome(item: T) -> R | Exception:
        try:
            return StoppedError() if stop.is_set() else work(item)
        except Exception as error:  # noqa: BLE001 (every error belongs to the caller)
            return error

    def run() -> None:
        with suppress(queue.Empty):
            while True:
                place, item = todo.get_nowait()
                done.put((place, outcome(item)))

    _share_memory()
    # Daemons, because an interpreter that ends waits for all others, however long their connections hang.
    threads = [Thread(target=run, daemon=True) for _ in range(min(workers, len(items)))]
    for thread in threads:
        thread.start()
    results: dict[int, R | Exception] = {}
    try:
        while len(results) < len(items):
            place, result = done.get()
            results[place] = result
    except BaseException:
        stop.set()
        interrupt()
        for thread in threads:
            thread.join(_PATIENCE / len(threads))
        raise
    return [results[place] for place in range(len(items))]


def _share_memory() -> None:
    """Makes threads take memory from one place.

    glibc gives each its own, which keeps what the thread took for its largest page or wheel: a quarter more
    for the whole process (mallopt(3), M_ARENA_MAX). Other systems' allocators have no such call.
    """
    if sys.platform == "linux":
        with suppress(AttributeError, ImportError):
            import ctypes  # noqa: PLC0415 (only where there are threads)

            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
