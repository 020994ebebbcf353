"""Work in threads."""

from __future__ import annotations

from threading import Event

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
