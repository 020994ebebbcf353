"""A uv.lock that lies without its project is read as with it, whichever uv wrote it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from build.cache import Cache
from build.errors import UserError
from build.resolve import wheels_for
from build.target import Target
from tests.build.index_server import Index
from tests.build.uv_project import BUILT, lock_again, uv_lock, write_project
from tests.build.wheelhouse import make_wheel

Alone = Callable[..., list[str]]

GROUPS = (
    '[project.optional-dependencies]\nweb = ["beta"]\n'
    '[dependency-groups]\ndev = ["gamma"]\nlint = ["delta"]\n'
)


@pytest.fixture
def published(index: Index) -> Index:
    for name in ("alpha", "beta", "gamma", "delta"):
        index.wheel(name, "1.0")
    return index


@pytest.fixture
def alone(tmp_path: Path, cache: Cache, target: Target) -> Alone:
    """Gives the names that are installed of a lock's copy, that says it is older, in a folder of its own."""

    def alone(lock: Path, extras: tuple[str, ...] = (), groups: tuple[str, ...] = ()) -> list[str]:
        folder = tmp_path / "alone"
        folder.mkdir(exist_ok=True)
        text = re.sub(r"^revision = \d+$", "revision = 1", lock.read_text(), flags=re.MULTILINE)
        (folder / "uv.lock").write_text(text)
        found = wheels_for(folder / "uv.lock", target, cache, extras=extras, groups=groups)
        return [wheel.name for wheel in found]

    return alone


def test_extras_and_groups_are_those_of_the_lock(published: Index, tmp_path: Path, alone: Alone) -> None:
    lock = uv_lock(tmp_path, published, "alpha", more=GROUPS)
    assert alone(lock) == ["alpha"]
    assert alone(lock, extras=("web",), groups=("lint", "dev")) == ["alpha", "beta", "delta", "gamma"]
    with pytest.raises(UserError, match=r"alone/uv\.lock: Extra `no` is not defined in"):
        alone(lock, extras=("no",))


@pytest.mark.parametrize("root", ["a package", "no package"])
def test_a_workspace_has_its_members(published: Index, tmp_path: Path, alone: Alone, root: str) -> None:
    write_project(tmp_path / "ours", "ours", ["beta"], BUILT)
    more = '[tool.uv.workspace]\nmembers = ["ours"]\n[tool.uv.sources]\nours = { workspace = true }\n'
    lock = uv_lock(tmp_path, published, "alpha", "ours", more=more)
    if root == "no package":
        (tmp_path / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["ours"]\n')
        lock_again(tmp_path, published)
    assert alone(lock) == (["alpha", "beta"] if root == "a package" else ["beta"])


def test_a_wheel_named_by_its_path_is_found_from_where_the_lock_lies(
    published: Index, tmp_path: Path, alone: Alone
) -> None:
    wheel = make_wheel(tmp_path / "house", "local")
    more = f'[tool.uv.sources]\nlocal = {{ path = "house/{wheel.name}" }}\n'
    lock = uv_lock(tmp_path, published, "local", more=more)
    with pytest.raises(UserError, match=r"alone/uv\.lock:\d+ names .*/alone/house/local-1\.0.* no such file"):
        alone(lock)
    shutil.copytree(wheel.parent, tmp_path / "alone" / "house")
    assert alone(lock) == ["local"]


def test_a_folder_elsewhere_is_refused_and_nothing_is_written_there(
    published: Index, tmp_path: Path, alone: Alone
) -> None:
    (tmp_path / "project").mkdir()
    write_project(tmp_path / "sibling", "sibling", [], BUILT)
    more = '[tool.uv.sources]\nsibling = { path = "../sibling", editable = true }\n'
    lock = uv_lock(tmp_path / "project", published, "sibling", more=more)
    shutil.rmtree(tmp_path / "sibling")
    with pytest.raises(UserError, match=r"sibling: it is an editable folder \(\.\./sibling\); leave it out"):
        alone(lock)
    assert not (tmp_path / "sibling").exists()
