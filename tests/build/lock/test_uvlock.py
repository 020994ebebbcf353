"""`uv.lock`, made by uv from an index on a loopback port."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from build.cache import Cache
from build.errors import UserError
from build.resolve import wheels_for
from build.target import Target
from tests.build.index_server import Index
from tests.build.uv_project import BUILT, uv_lock, write_project

GROUPS = (
    '[project.optional-dependencies]\nweb = ["beta"]\n'
    '[dependency-groups]\ndev = ["gamma"]\nlint = ["delta"]\n'
)


@pytest.fixture
def published(index: Index) -> Index:
    for name in ("alpha", "beta", "gamma", "delta"):
        index.wheel(name, "1.0")
    index.wheel("alpha", "2.0", "cp312-cp312-manylinux_2_17_x86_64")
    return index


def names(
    lock: Path, cache: Cache, *, extras: tuple[str, ...] = (), groups: tuple[str, ...] = ()
) -> list[str]:
    return [
        wheel.name
        for wheel in wheels_for(lock, Target("3.12", "x86_64"), cache, extras=extras, groups=groups)
    ]


def test_the_files_of_the_lock_are_taken_without_asking_for_a_page(
    published: Index, tmp_path: Path, cache: Cache
) -> None:
    lock = uv_lock(tmp_path, published, "alpha", "beta ; sys_platform == 'win32'")
    published.requests.clear()
    (wheel,) = wheels_for(lock, Target("3.12", "x86_64"), cache, require_hashes=True)
    assert (wheel.name, wheel.version) == ("alpha", "2.0")
    assert published.requests == [f"/files/{wheel.filename}"]


@pytest.mark.parametrize(
    ("extras", "groups", "installed"),
    [
        ((), (), ["alpha"]),
        (("web",), (), ["alpha", "beta"]),
        ((), ("dev",), ["alpha", "gamma"]),
        (("web",), ("lint",), ["alpha", "beta", "delta"]),
    ],
)
def test_extras_and_groups_are_handed_to_uv_and_dev_has_to_be_asked_for(
    published: Index,
    tmp_path: Path,
    cache: Cache,
    extras: tuple[str, ...],
    groups: tuple[str, ...],
    installed: list[str],
) -> None:
    lock = uv_lock(tmp_path, published, "alpha", more=GROUPS)
    assert names(lock, cache, extras=extras, groups=groups) == installed


def test_default_groups_of_the_project_count_and_are_seen_when_they_change(
    published: Index, tmp_path: Path, cache: Cache
) -> None:
    lock = uv_lock(tmp_path, published, "alpha", more=GROUPS)
    assert names(lock, cache) == ["alpha"]
    project = tmp_path / "pyproject.toml"
    project.write_text(project.read_text() + '[tool.uv]\ndefault-groups = ["lint", "dev"]\n')
    assert names(lock, cache) == ["alpha", "delta"]


def test_uvs_own_error_is_told_on_one_line(published: Index, tmp_path: Path, cache: Cache) -> None:
    lock = uv_lock(tmp_path, published, "alpha")
    with pytest.raises(UserError, match=rf"^uv cannot read {lock}: Extra `no` is not defined in .*`mine`$"):
        names(lock, cache, extras=("no",))
    with pytest.raises(
        UserError, match=rf"^uv cannot read {lock}: Group `no` is not defined in the project's"
    ):
        names(lock, cache, groups=("no",))
    lock.write_text("version = 99\n")
    with pytest.raises(UserError, match=rf"^uv cannot read {lock}: [^\n]*version[^\n]*$"):
        names(lock, cache)
    lock.write_text("nonsense = = 1\n")
    with pytest.raises(UserError, match=rf"^{lock} is no TOML: .*line 1"):
        names(lock, cache)


def test_the_workspaces_own_packages_are_left_out_by_name_and_what_they_need_is_not(
    published: Index, tmp_path: Path, cache: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    write_project(tmp_path / "ours", "ours", ["beta"], BUILT)
    more = '[tool.uv.workspace]\nmembers = ["ours"]\n[tool.uv.sources]\nours = { workspace = true }\n'
    lock = uv_lock(tmp_path, published, "alpha", "ours", more=more)
    with caplog.at_level(logging.WARNING):
        assert names(lock, cache) == ["alpha", "beta"]
    assert f"{lock}: left out, but with what they need: the workspace's own ours" in caplog.text
    inner = tmp_path / "ours" / "uv.lock"
    shutil.copy(lock, inner)
    with pytest.raises(
        UserError, match=rf"^{inner} is not the lock of its project: uv reads {lock}; build from that$"
    ):
        names(inner, cache)


def test_a_folder_beside_the_project_is_refused_by_name(
    published: Index, tmp_path: Path, cache: Cache
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    write_project(tmp_path / "beside", "beside", more=BUILT)
    more = '[tool.uv.sources]\nbeside = { path = "../beside", editable = true }\n'
    lock = uv_lock(project, published, "beside", more=more)
    with pytest.raises(
        UserError, match=r"uv\.lock:5: beside: it is an editable folder \(\.\./beside\); leave it out"
    ):
        names(lock, cache)


def test_a_wheel_beside_the_project_is_taken(published: Index, tmp_path: Path, cache: Cache) -> None:
    (tmp_path / "beta-1.0-py3-none-any.whl").write_bytes(published.projects["beta"][0].content)
    more = '[tool.uv.sources]\nbeta = { path = "beta-1.0-py3-none-any.whl" }\n'
    lock = uv_lock(tmp_path, published, "beta", more=more)
    published.requests.clear()
    assert names(lock, cache) == ["beta"]
    assert published.requests == []


def test_settings_of_the_callers_own_uv_change_nothing(
    published: Index, tmp_path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = uv_lock(tmp_path, published, "alpha")
    for name in ("UV_LOCKED", "UV_NO_GROUP", "UV_PROJECT", "UV_WORKING_DIRECTORY"):
        monkeypatch.setenv(name, "1")
    assert names(lock, cache) == ["alpha"]


def test_the_lock_of_a_script_needs_its_script(published: Index, tmp_path: Path, cache: Cache) -> None:
    lock = uv_lock(tmp_path, published, "alpha").rename(tmp_path / "job.py.lock")
    told = r"job\.py\.lock is the lock of job\.py, which is not beside it; uv needs both$"
    with pytest.raises(UserError, match=told):
        names(lock, cache)
    (tmp_path / "job.py").write_text("# /// script\n# dependencies = ['alpha']\n# ///\n")
    with pytest.raises(UserError, match="is the lock of a script, which has no extras and no groups"):
        names(lock, cache, groups=("dev",))


def test_a_lock_without_its_project_is_read_alone(published: Index, tmp_path: Path, cache: Cache) -> None:
    lock = uv_lock(tmp_path, published, "alpha")
    (tmp_path / "pyproject.toml").unlink()
    assert names(lock, cache) == ["alpha"]
