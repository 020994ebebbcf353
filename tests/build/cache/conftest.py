"""A house of wheels, a lock over it, and a build from an own cache."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from build.cache import Cache
from build.layer import build_layer
from build.target import Target
from build.tree.manifest import BuiltLayer

from ..index_fixtures import Lock
from ..wheelhouse import make_wheel

Build = Callable[..., BuiltLayer]


@pytest.fixture
def house(tmp_path: Path, no_settings: Path) -> Path:
    folder = tmp_path / "house"
    for name in ("alpha", "beta", "gamma"):
        make_wheel(folder, name, files={f"{name}.py": b"a = 1\n", f"{name}.bin": os.urandom(3000)})
    return folder


@pytest.fixture
def found(house: Path, lock: Lock) -> Path:
    return lock("--no-index", f"--find-links {house}", "alpha==1.0", "beta==1.0", "gamma==1.0")


@pytest.fixture
def build(found: Path, cache: Cache, target: Target, tmp_path: Path) -> Build:
    def build(output: Path | None = None, *, cache: Cache = cache, lock: Path = found) -> BuiltLayer:
        return build_layer(lock, target=target, name="deps", output=output or tmp_path / "out", cache=cache)

    return build
