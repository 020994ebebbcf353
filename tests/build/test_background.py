"""Work in the background: its outcome is there for whoever asks, and nobody has to wait for it."""

from __future__ import annotations

from threading import Event, current_thread

import pytest

from build.background import begun


def test_work_goes_on_beside_whoever_began_it() -> None:
    go = Event()
    outcome = begun(lambda: go.wait(30), name="waiting")
    assert not outcome.done()
    go.set()
    assert outcome.result() is True


def test_an_error_belongs_to_whoever_asks_for_the_outcome() -> None:
    with pytest.raises(ZeroDivisionError):
        begun(lambda: 1 // 0, name="failing").result()


def test_the_end_of_the_process_does_not_wait_for_it() -> None:
    assert begun(lambda: current_thread().daemon, name="daemon").result()
