"""Turns: one at a time, for as long as that one lives and no longer than is sensible."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Event, Thread

import pytest

from build.cache import Cache
from build.cache.use import turn

KEY = "ab" * 32


class StopError(Exception):
    """Nobody waits any more."""


def stopped(_: float) -> None:
    raise StopError


def test_only_one_at_a_time_has_its_turn(cache: Cache) -> None:
    has, waits, order = Event(), Event(), []

    def second() -> None:
        has.wait()
        with cache.turn(KEY, pause=lambda _: waits.set()):
            order.append("second")

    thread = Thread(target=second)
    thread.start()
    with cache.turn(KEY, pause=stopped):
        has.set()
        assert waits.wait(30)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_waiting_ends_when_nobody_wants_the_outcome(cache: Cache) -> None:
    with cache.turn(KEY, pause=stopped), pytest.raises(StopError), cache.turn(KEY, pause=stopped):
        raise AssertionError("two had their turn at once")


def test_others_are_not_waited_for(cache: Cache) -> None:
    with cache.turn(KEY, pause=stopped), cache.turn("cd" * 32, pause=stopped):
        assert [path.name for path in (cache.root / "wheels").iterdir() if any(path.iterdir())] == []


def test_who_never_ends_is_waited_for_only_so_long(tmp_path: Path) -> None:
    folder = tmp_path / "ab"
    with turn(folder, pause=stopped), turn(folder, pause=time.sleep, patience=0.02):
        assert list(folder.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_no_reason_to_wait(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with turn(tmp_path / "file" / "ab", pause=stopped):
        assert (tmp_path / "file").is_file()
