"""The cache: found where the environment says, whole or not at all, and shared without locks."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from build.cache import Cache
from build.cache.kinds import format_of
from build.cache.seal import sealed
from build.errors import FailureError, UserError
from build.wheel.facts import files_of

from ..conftest import Admit, admitted
from ..wheelhouse import make_wheel


@pytest.mark.parametrize(
    ("environment", "root"),
    [
        ({"LAMINA_CACHE": "/named", "XDG_CACHE_HOME": "/xdg"}, "/named"),
        ({"XDG_CACHE_HOME": "/xdg"}, "/xdg/lamina"),
        ({"XDG_CACHE_HOME": "relative"}, "/home/who/.cache/lamina"),
        ({"LAMINA_CACHE": "", "XDG_CACHE_HOME": ""}, "/home/who/.cache/lamina"),
        ({}, "/home/who/.cache/lamina"),
    ],
    ids=["named", "XDG", "relative XDG", "empty", "home"],
)
def test_the_environment_says_where_it_is(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], root: str
) -> None:
    monkeypatch.setenv("HOME", "/home/who")
    for name in ("LAMINA_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Cache.default().root == Path(root)


def test_a_relative_name_stays_where_it_was_meant(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAMINA_CACHE", "here")
    assert Cache.default().root == tmp_path / "here"


def test_an_admitted_wheel_is_there_with_its_bytes(cache: Cache, admit: Admit, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    locked = admit(wheel)
    assert cache.has_wheel(locked.sha256)
    assert cache.wheel_path(locked.sha256).read_bytes() == wheel.read_bytes()
    assert stat.S_IMODE(cache.wheel_path(locked.sha256).stat().st_mode) == 0o644


def files(cache: Cache) -> list[str]:
    return sorted(path.name for path in cache.root.rglob("*") if path.is_file() and path.name != "in-use")


def test_a_refused_wheel_leaves_nothing(cache: Cache, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^demo-1\.0-py3-none-any\.whl "):
        admitted(cache, make_wheel(tmp_path, record=""))
    assert files(cache) == []


def test_what_came_in_and_was_not_admitted_is_gone(cache: Cache) -> None:
    def broken_off() -> None:
        with cache.incoming() as incoming:
            incoming.write_bytes(b"half a wheel")
            raise RuntimeError("midway")

    with pytest.raises(RuntimeError, match="midway"):
        broken_off()
    assert files(cache) == []


def test_what_a_killed_process_left_is_taken_away_a_day_later(cache: Cache) -> None:
    with cache.incoming() as one:
        pass
    one.write_bytes(b"left")
    with cache.incoming():
        assert one.exists()
    os.utime(one, (0, 0))
    with cache.incoming():
        assert not one.exists()


def test_a_folder_that_cannot_be_made_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = Cache(tmp_path / "file" / "cache")
    reason = r"the cache .*file/cache cannot be used: Not a directory \(LAMINA_CACHE names another\)"
    with pytest.raises(FailureError, match=reason):
        cache.write_json("kind", "key", 1)


def test_values_are_given_back_and_damaged_ones_are_as_if_never_kept(cache: Cache) -> None:
    cache.write_json("kind", "abcd", {"a": [1, "é"]})
    assert cache.read_json("kind", "abcd") == {"a": [1, "é"]}
    path = cache.root / "kind" / "ab" / "abcd"
    path.write_bytes(path.read_bytes()[:-3])
    assert cache.read_json("kind", "abcd") is None
    assert cache.read_json("kind", "none") is None


def test_many_writers_of_one_entry_leave_it_whole(cache: Cache, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={f"{number}.py": os.urandom(200) for number in range(50)})
    threads = [threading.Thread(target=admitted, args=(cache, wheel)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files(cache)) == 2
    assert len(cache.facts(admitted(cache, wheel).sha256, wheel.name)["files"]) == 52


def test_facts_of_another_format_are_computed_again(cache: Cache, admit: Admit, tmp_path: Path) -> None:
    wheel = admit(make_wheel(tmp_path))
    known = cache.facts(wheel.sha256, wheel.filename)
    path = cache.source_path(f"facts/{wheel.sha256}")
    path.write_bytes(sealed(b'{"format": 0}', format_of("facts") - 1))
    assert files_of(cache.facts(wheel.sha256, wheel.filename)) == files_of(known)
