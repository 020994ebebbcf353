"""What the builder's tests share: a cache of their own, and wheels put into it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.utils import parse_wheel_filename

from build.cache import Cache
from build.lock.selection import LockedWheel
from build.target import Target

from .index_fixtures import index, lock, no_settings  # noqa: F401 (fixtures)

Admit = Callable[[Path], LockedWheel]


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def target() -> Target:
    return Target("3.12", "x86_64")


@pytest.fixture
def admit(cache: Cache) -> Admit:
    """Puts a wheel into the cache, as a download does."""
    return lambda wheel: admitted(cache, wheel)


def admitted(cache: Cache, wheel: Path) -> LockedWheel:
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    with cache.incoming() as incoming:
        shutil.copyfile(wheel, incoming)
        cache.admit(incoming, sha256=sha256, filename=wheel.name)
    name, version, _, _ = parse_wheel_filename(wheel.name)
    return LockedWheel(name, str(version), wheel.name, sha256)
