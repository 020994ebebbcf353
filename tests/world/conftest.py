"""A small world for a test, and what all worlds of a run share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .processes import zygote
from .world import World, within


@pytest.fixture(scope="session", autouse=True)
def forking() -> Iterator[None]:
    """What the worlds' processes are forked from."""
    with zygote():
        yield


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The builder's cache of all worlds: what one has built, the next finds."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[World]:
    """A world whose stack is deployed; the tests of one file share it, each leaving it deployed."""
    with within(tmp_path_factory.mktemp("world") / "w", cache) as world:
        world.up()
        yield world
