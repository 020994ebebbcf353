"""Disks that are full, and folders that can only be read."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from build.cache import Cache
from build.cache.survey import entries
from build.cache.verification import verify
from build.errors import FailureError

from ..index_fixtures import Lock
from ..wheelhouse import make_wheel
from .conftest import Build

Mount = Callable[..., Path]


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    """Mounts a small disk of its own, where this user may."""
    mounted = []

    def mount(*options: str) -> Path:
        place = tmp_path / "disk"
        place.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "lamina-test", str(place)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"a disk cannot be mounted here: {done.stderr.strip()}")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", str(place)], check=True)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file gets larger: what needs no rights, and fails in the middle of a write as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.parametrize("room", [100, 1000, 3000])
def test_a_write_that_fails_midway_names_the_folder_and_leaves_the_cache_sound(
    build: Build, cache: Cache, room: int
) -> None:
    with (
        largest_file(room),
        pytest.raises(
            FailureError, match=rf"^the cache {cache.root} cannot be used: File too large \(LAMINA"
        ),
    ):
        build()
    assert not [entry for entry in entries(cache.root) if entry.temporary]
    assert verify(cache).damages == ()
    assert build().zip.is_file()


@pytest.mark.parametrize("kilobytes", [4, 12, 24, 40])
def test_a_full_disk_is_named_and_with_room_the_build_goes_on(
    build: Build, mount: Mount, tmp_path: Path, kilobytes: int
) -> None:
    whole = build().zip.read_bytes()
    disk = mount("size=200k")
    filler = disk / "filler"
    filler.write_bytes(b"x" * (200 - kilobytes) * 1024)
    cache = Cache(disk / "cache")
    expected = (
        rf"^the cache {cache.root} cannot be used: No space left on device \(LAMINA_CACHE names another\)$"
    )
    with pytest.raises(FailureError, match=expected):
        build(tmp_path / "again", cache=cache)
    assert not [entry for entry in entries(cache.root) if entry.temporary]
    filler.unlink()
    assert verify(cache).damages == ()
    assert build(tmp_path / "again", cache=cache).zip.read_bytes() == whole


@pytest.fixture
def read_only(build: Build, mount: Mount, tmp_path: Path) -> Cache:
    """A cache on a disk that became read-only after a build."""
    cache = Cache(mount("size=1m") / "cache")
    build(tmp_path / "first", cache=cache)
    subprocess.run(["mount", "-o", "remount,ro", str(cache.root.parent)], check=True)
    return cache


def test_a_warm_cache_that_can_only_be_read_is_enough(build: Build, read_only: Cache, tmp_path: Path) -> None:
    again = build(tmp_path / "again", cache=read_only)
    assert again.zip.read_bytes() == (tmp_path / "first" / again.zip.name).read_bytes()


def test_what_only_saves_time_is_not_kept_where_it_cannot_be(
    build: Build, mount: Mount, tmp_path: Path
) -> None:
    cache = Cache(mount("size=1m") / "cache")
    whole = build(tmp_path / "first", cache=cache).zip.read_bytes()
    for entry in list(entries(cache.root)):
        if entry.kind not in {"wheels", "pins"}:
            entry.path.unlink()
    subprocess.run(["mount", "-o", "remount,ro", str(cache.root.parent)], check=True)
    assert build(tmp_path / "again", cache=cache).zip.read_bytes() == whole


def test_a_wheel_that_a_read_only_cache_lacks_is_told_with_the_folder(
    build: Build, read_only: Cache, lock: Lock, house: Path, tmp_path: Path
) -> None:
    make_wheel(house, "delta", files={"delta.py": os.urandom(20)})
    more = lock("--no-index", f"--find-links {house}", "delta==1.0", name="more.txt")
    with pytest.raises(
        FailureError, match=r"^the cache \S+ cannot be used: Read-only file system \(LAMINA_C"
    ):
        build(tmp_path / "again", cache=read_only, lock=more)
