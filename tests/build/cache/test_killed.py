"""A build that is killed at any of its steps spoils nothing for the next one."""

from __future__ import annotations

import itertools
import shutil
from functools import partial
from pathlib import Path

from build.cache import Cache
from build.cache.pruning import prune
from build.cache.survey import entries
from build.cache.verification import verify
from build.temporary import is_temporary

from ..index_fixtures import Lock
from .children import killed_at
from .conftest import Build


def test_killed_at_every_step_the_next_build_gives_the_same_and_only_temporary_files_are_left(
    build: Build, house: Path, lock: Lock, tmp_path: Path
) -> None:
    build = partial(build, lock=lock("--no-index", f"--find-links {house}", "alpha==1.0", name="one.txt"))
    whole = build(tmp_path / "whole", cache=Cache(tmp_path / "other")).zip
    place = tmp_path / "place"
    for step in itertools.count(1):
        place.mkdir()
        cache = Cache(place / "cache")
        came_that_far = killed_at(step, place, partial(build, place / "out", cache=cache))
        assert verify(cache).damages == ()
        assert {path.name for path in rubbish(place, whole.stem)} == set()
        again = build(place / "out", cache=cache)
        assert again.zip.read_bytes() == whole.read_bytes()
        prune(cache.root)
        assert not [entry for entry in entries(cache.root) if entry.temporary]
        shutil.rmtree(place)
        if not came_that_far:
            break
    assert step > 40


def rubbish(place: Path, stem: str) -> list[Path]:
    """What is neither an entry, nor one of the layer's files, nor swept away."""
    kept = {entry.path for entry in entries(place / "cache")}
    return [
        path
        for path in place.rglob("*")
        if path.is_file()
        and path not in kept
        and not is_temporary(path.name)
        and path.name != "in-use"
        and not path.name.startswith(stem)
    ]


def test_killed_while_it_mends_a_damaged_cache_it_mends_it_the_next_time(
    build: Build, cache: Cache, tmp_path: Path
) -> None:
    built = build()
    whole = built.zip.read_bytes()
    wheel = cache.wheel_path(built.packages[1].sha256)
    sound = wheel.read_bytes()
    for step in itertools.count(1):
        shutil.rmtree(tmp_path / "out")
        wheel.write_bytes(bytes(byte ^ 1 for byte in sound))
        came_that_far = killed_at(step, tmp_path, build)
        assert build().zip.read_bytes() == whole
        if not came_that_far:
            break
    assert step > 20


def test_a_prune_that_is_killed_at_any_step_leaves_a_sound_cache(build: Build, tmp_path: Path) -> None:
    whole = build(tmp_path / "whole").zip.read_bytes()
    for step in itertools.count(1):
        cache = Cache(tmp_path / f"cache{step}")
        build(tmp_path / "out", cache=cache)
        came_that_far = killed_at(step, cache.root, partial(prune, cache.root, max_size=0))
        shutil.rmtree(tmp_path / "out")
        assert build(tmp_path / "out", cache=cache).zip.read_bytes() == whole
        if not came_that_far:
            break
    assert step > 10
