"""Work in threads."""

from __future__ import annotations

import subprocess
import sys
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.index.workers import StoppedError, in_parallel


def nothing() -> None:
    """Frees nobody."""


@given(st.lists(st.integers(), max_size=30), st.integers(1, 9))
def test_results_come_in_order_whatever_the_threads_do(items: list[int], workers: int) -> None:
    outcomes = in_parallel(lambda item: item * 2, items, stop=Event(), interrupt=nothing, workers=workers)
    assert outcomes == [item * 2 for item in items]


def test_an_error_is_the_outcome_of_its_item_alone() -> None:
    outcomes = in_parallel(lambda item: 6 // item, [1, 0, 2], stop=Event(), interrupt=nothing)
    assert (outcomes[0], outcomes[2]) == (6, 3)
    assert isinstance(outcomes[1], ZeroDivisionError)


def test_after_a_stop_nothing_more_is_begun() -> None:
    stop = Event()
    outcomes = in_parallel(lambda _: stop.set(), range(5), stop=stop, interrupt=nothing, workers=1)
    assert outcomes[0] is None
    assert all(isinstance(outcome, StoppedError) for outcome in outcomes[1:])


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps memory for each thread")
def test_threads_keep_no_memory_of_their_own() -> None:
    # What glibc says of itself, in a process where no other test had threads.
    script = (
        "import ctypes, threading\n"
        "from build.index.workers import in_parallel\n"
        "together = threading.Barrier(8)\n"
        "def work(item):\n"
        "    together.wait()\n"
        "    return [bytes(5000) for _ in range(100)]\n"
        "in_parallel(work, range(8), stop=threading.Event(), interrupt=lambda: None)\n"
        "libc = ctypes.CDLL(None)\n"
        "libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, 'stdout'))\n"
        "libc.fflush(None)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.count("<heap nr=") == 1
