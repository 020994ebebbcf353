"""A wheel that nobody said a Python for says it itself, and is refused where it does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from build.cache import Cache
from build.errors import UserError
from build.resolve import wheels_for
from build.target import Target
from tests.build.index_fixtures import Lock
from tests.build.wheelhouse import make_wheel


@pytest.fixture
def house(tmp_path: Path, no_settings: Path, lock: Lock) -> Path:
    make_wheel(tmp_path / "house", "alpha", requires_python=">=3.13,\n  <4")
    make_wheel(tmp_path / "house", "beta", requires_python="<3.12.2,>=3.9")
    make_wheel(tmp_path / "house", "gamma", requires_python="whatever")
    make_wheel(tmp_path / "house", "delta")
    return tmp_path / "house"


def test_all_wheels_of_a_folder_that_need_another_python_are_told_at_once(
    house: Path, lock: Lock, cache: Cache
) -> None:
    path = lock("--no-index", f"--find-links {house}", "alpha==1.0", "beta==1.0", "gamma==1.0", "delta==1.0")
    told = (
        r"^alpha-1\.0-py3-none-any\.whl needs Python >=3\.13, <4, and the target is python3\.12; pin another "
        r"version; beta-1\.0-py3-none-any\.whl needs Python <3\.12\.2,>=3\.9, and the target is python3\.12"
    )
    with pytest.raises(UserError, match=told):
        wheels_for(path, Target("3.12", "x86_64"), cache)


def test_they_are_taken_where_they_fit_and_where_pip_cannot_read_what_they_say(
    house: Path, lock: Lock, cache: Cache
) -> None:
    newer = lock("--no-index", f"--find-links {house}", "alpha==1.0", "gamma==1.0", "delta==1.0")
    assert len(wheels_for(newer, Target("3.13", "x86_64"), cache)) == 3
    older = lock("--no-index", f"--find-links {house}", "beta==1.0")
    assert len(wheels_for(older, Target("3.11", "arm64"), cache)) == 1
