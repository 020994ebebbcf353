"""Builds at the same time: what they need both is fetched once, over as many connections as one build has."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier, Event, Semaphore

import pytest

from build.cache import Cache
from build.errors import FailureError
from build.index.connections import CONNECTIONS
from build.lock.selection import LockedWheel
from build.resolve import wheels_for
from build.target import Target

from ..cache.children import code_of, in_child
from ..index_fixtures import Lock
from ..index_server import Index

Fetch = Callable[[], tuple[LockedWheel, ...]]
SHARED = "shared-1.0-py3-none-any.whl"
PATIENCE = 30


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits here waits for another build, and not for a host that is slow."""
    monkeypatch.setenv("UV_HTTP_TIMEOUT", str(2 * PATIENCE))


@pytest.fixture
def two(index: Index, lock: Lock, target: Target, tmp_path: Path) -> list[Fetch]:
    """Two builds that need `shared` and something of their own, each with its own view of one cache."""
    index.wheel("shared", "1.0")
    for name in ("left", "right"):
        index.wheel(name, "1.0")
        lock(f"{name}==1.0", "shared==1.0", name=f"{name}.txt")
    return [
        partial(wheels_for, tmp_path / f"{name}.txt", target, Cache(tmp_path / "cache"))
        for name in ("left", "right")
    ]


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def all_at_once(index: Index, count: int, ending: str = ".whl") -> None:
    """Answers no request for such a path before there are that many."""
    together = Barrier(count)
    index.before = lambda path: path.endswith(ending) and together.wait(PATIENCE)


def begun(threads: ThreadPoolExecutor, fetches: Sequence[Fetch]) -> list[Future[tuple[LockedWheel, ...]]]:
    return [threads.submit(fetch) for fetch in fetches]


def test_two_builds_in_one_process_fetch_a_wheel_of_both_once(
    index: Index, two: list[Fetch], threads: ThreadPoolExecutor
) -> None:
    # The wheels of either alone, and the one of both: were it asked for twice, the fourth would hang.
    all_at_once(index, 3)
    left, right = (future.result() for future in begun(threads, two))
    assert left[1] == right[1]
    assert sorted(path for path in index.requests if path.endswith(".whl")) == [
        f"/files/{name}-1.0-py3-none-any.whl" for name in ("left", "right", "shared")
    ]


def test_two_processes_fetch_a_wheel_of_both_once(index: Index, two: list[Fetch]) -> None:
    all_at_once(index, 3)
    children = [in_child(fetch) for fetch in two]
    assert [code_of(child) for child in children] == [0, 0]
    assert index.asked(".whl") == 3


def test_who_is_killed_over_a_wheel_is_waited_for_no_longer(index: Index, two: list[Fetch]) -> None:
    index.faults[SHARED] = ["hang"]
    asked = Event()
    index.before = lambda path: asked.set() if path.endswith(SHARED) else None
    child = in_child(two[0])
    assert asked.wait(PATIENCE)
    os.kill(child, signal.SIGKILL)
    assert [wheel.name for wheel in two[1]()] == ["right", "shared"]
    assert code_of(child) == -signal.SIGKILL
    assert index.asked(SHARED) == 2


def test_who_waited_for_one_that_fails_fetches_it_itself(
    index: Index, two: list[Fetch], threads: ThreadPoolExecutor
) -> None:
    all_at_once(index, 2, "t-1.0-py3-none-any.whl")
    index.faults[SHARED] = [404]
    outcomes = [future.exception() for future in begun(threads, two)]
    [error] = [each for each in outcomes if each]
    assert isinstance(error, FailureError)
    assert str(error).startswith(f"{SHARED} is listed by its index, but is not at ")
    assert index.asked(SHARED) == 2


def test_builds_of_a_process_share_the_connections_that_one_has(
    index: Index, lock: Lock, target: Target, tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    names = [f"w{number}" for number in range(2 * CONNECTIONS)]
    for name in names:
        index.wheel(name, "1.0")
    halves = names[:CONNECTIONS], names[CONNECTIONS:]
    locks = [lock(*(f"{name}==1.0" for name in half), name=f"{half[0]}.txt") for half in halves]
    # None is answered before as many are under way at once as there can be.
    asked, many = Semaphore(0), Event()

    def wait_for_many(path: str) -> None:
        if path.endswith(".whl"):
            asked.release()
            assert many.wait(PATIENCE)

    index.before = wait_for_many
    fetches = [partial(wheels_for, each, target, Cache(tmp_path / "cache")) for each in locks]
    builds = begun(threads, fetches)
    for _ in range(CONNECTIONS):
        assert asked.acquire(timeout=PATIENCE)
    many.set()
    assert [len(build.result()) for build in builds] == [CONNECTIONS] * 2
    assert index.most_connections == CONNECTIONS
    assert index.asked(".whl") == 2 * CONNECTIONS


def test_a_build_alone_leaves_no_connection_open(index: Index, two: list[Fetch]) -> None:
    two[0]()
    two[1]()
    from build.index import connections

    assert not connections._clients
