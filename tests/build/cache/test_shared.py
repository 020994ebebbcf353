"""Many processes share one cache: builds with each other, and with a prune."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path

import pytest

from build.cache import Cache
from build.cache.pruning import prune
from build.cache.survey import entries
from build.cache.verification import verify
from build.errors import FailureError

from ..index_fixtures import Lock
from .children import code_of, in_child
from .conftest import Build


def test_eight_processes_build_same_and_different_locks_from_one_cold_cache(
    build: Build, cache: Cache, house: Path, lock: Lock, tmp_path: Path
) -> None:
    names = (["alpha"], ["alpha", "beta"], ["beta", "gamma"], ["alpha", "beta", "gamma"])
    head = ("--no-index", f"--find-links {house}")
    locks = [
        lock(*head, *(f"{each}==1.0" for each in some), name=f"{number}.txt")
        for number, some in enumerate(names)
    ]
    children = [
        in_child(partial(build, tmp_path / f"out{number % 3}", lock=locks[number % len(locks)]))
        for number in range(8)
    ]
    assert [code_of(child) for child in children] == [0] * 8
    assert verify(cache).damages == ()
    assert not [entry for entry in entries(cache.root) if entry.temporary]
    for number, some in enumerate(locks):
        alone = build(tmp_path / "alone", cache=Cache(tmp_path / f"own{number}"), lock=some)
        zips = {path.read_bytes() for path in tmp_path.glob(f"out*/{alone.zip.name}")}
        assert zips == {alone.zip.read_bytes()}


def test_builds_and_prunes_at_once_all_succeed(build: Build, cache: Cache, tmp_path: Path) -> None:
    def builds(number: int) -> None:
        for turn in range(6):
            build(tmp_path / f"out{number}-{turn}")

    def prunes() -> None:
        for _ in range(12):
            prune(cache.root, max_size=0)
            time.sleep(0.02)

    children = [in_child(partial(builds, number)) for number in range(3)] + [in_child(prunes)]
    assert [code_of(child) for child in children] == [0] * 4
    assert len({path.read_bytes() for path in tmp_path.glob("out*/*.zip")}) == 1


def test_a_prune_waits_for_builds_and_then_says_so(cache: Cache, build: Build) -> None:
    build()
    before = list(entries(cache.root))
    with (
        cache.in_use(),
        pytest.raises(
            FailureError, match=r"^builds use the cache \S+, so nothing was removed; prune it when"
        ),
    ):
        prune(cache.root, max_size=0, patience=0.2)
    assert list(entries(cache.root)) == before


def test_the_lock_of_a_killed_build_is_gone_with_it(cache: Cache, build: Build) -> None:
    build()

    def dies() -> None:
        with cache.in_use():
            os.kill(os.getpid(), 9)

    assert code_of(in_child(dies)) == -9
    assert prune(cache.root, max_size=0, patience=0).kept == ()


def test_a_prune_without_a_lock_makes_a_build_fetch_again(build: Build, cache: Cache, tmp_path: Path) -> None:
    # As on a file system that has no locks: the wheel goes after it was found, before it is read.
    built = build()
    found = cache.has_wheel

    def has_then_loses(sha256: str) -> bool:
        there = found(sha256)
        if not lost:
            lost.append(sha256)
            cache.wheel_path(sha256).unlink()
        return there

    lost: list[str] = []
    cache.has_wheel = has_then_loses  # type: ignore[method-assign]
    assert build(tmp_path / "again").zip.read_bytes() == built.zip.read_bytes()
    assert lost == [built.packages[0].sha256]
