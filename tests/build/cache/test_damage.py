"""Whatever of the cache is damaged or gone is found and fetched again within the same build."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from build.cache import Cache
from build.cache.survey import entries
from build.errors import DamagedError, LaminaError
from build.target import Target
from build.tree.manifest import BuiltLayer
from build.tree.options import DEFAULTS

from .conftest import Build

Damage = Callable[[bytes], bytes | None]


def flipped(content: bytes) -> bytes:
    """One bit in the middle of what a layer copies."""
    return content[:1500] + bytes([content[1500] ^ 1]) + content[1501:]


DAMAGES = {
    "flipped bit": flipped,
    "too short": lambda content: content[: len(content) // 2],
    "empty": lambda _: b"",
    "too long": lambda content: content + b"more",
    "gone": lambda _: None,
}


def harm(path: Path, damage: Damage) -> None:
    harmed = damage(path.read_bytes())
    path.unlink() if harmed is None else path.write_bytes(harmed)


@pytest.fixture
def built(build: Build) -> BuiltLayer:
    return build()


@pytest.mark.parametrize("planned", [True, False], ids=["warm", "planned anew"])
@pytest.mark.parametrize("damage", ["flipped bit", "too short", "empty", "gone"])
def test_a_damaged_wheel_is_fetched_again_in_the_same_build(
    build: Build, built: BuiltLayer, cache: Cache, tmp_path: Path, damage: str, planned: bool
) -> None:
    whole = built.zip.read_bytes()
    harm(cache.wheel_path(built.packages[1].sha256), DAMAGES[damage])
    if not planned:
        shutil.rmtree(cache.root / "plans")
    again = build(tmp_path / "again", cache=Cache(cache.root))
    assert again.zip.read_bytes() == whole
    assert cache.damaged(package.sha256 for package in built.packages) == ()


def test_it_is_said_which_wheel_was_damaged(
    build: Build, built: BuiltLayer, cache: Cache, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    harm(cache.wheel_path(built.packages[1].sha256), flipped)
    build(tmp_path / "again")
    assert caplog.messages == [
        "the cached beta-1.0-py3-none-any.whl was damaged, and is removed; it is fetched or made again"
    ]


def test_where_it_cannot_be_fetched_again_the_error_says_where_it_was_looked_for(
    build: Build, built: BuiltLayer, cache: Cache, house: Path, tmp_path: Path
) -> None:
    harm(cache.wheel_path(built.packages[1].sha256), flipped)
    next(house.glob("beta-*")).unlink()
    with pytest.raises(LaminaError, match=r"^beta \(.*is on none of the indexes"):
        build(tmp_path / "again")
    assert not (tmp_path / "again").exists() or not list((tmp_path / "again").iterdir())


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_any_other_damaged_entry_is_as_if_it_were_not_there(
    build: Build, built: BuiltLayer, cache: Cache, tmp_path: Path, damage: Damage
) -> None:
    whole = [built.zip.read_bytes(), built.manifest.read_bytes()]
    for number, entry in enumerate(list(entries(cache.root))):
        if entry.kind != "wheels" and entry.size > 1500:
            harm(entry.path, damage)
            again = build(tmp_path / str(number))
            assert [again.zip.read_bytes(), again.manifest.read_bytes()] == whole


@pytest.mark.parametrize("place", [0, -50, -1], ids=["content", "near its end", "seal"])
def test_a_flipped_bit_anywhere_in_an_entry_is_noticed(cache: Cache, place: int) -> None:
    cache.write_bytes("kind", "abcd", bytes(100))
    path = cache.source_path("kind/abcd")
    content = bytearray(path.read_bytes())
    content[place] ^= 4
    path.write_bytes(content)
    assert cache.read_bytes("kind", "abcd") is None


def test_damaged_gives_what_it_threw_away(cache: Cache, built: BuiltLayer) -> None:
    alpha, beta, gamma = (package.sha256 for package in built.packages)
    harm(cache.wheel_path(alpha), flipped)
    cache.wheel_path(gamma).unlink()
    assert cache.damaged([alpha, beta, gamma]) == (alpha, gamma)
    assert [cache.has_wheel(each) for each in (alpha, beta, gamma)] == [False, True, False]


def test_wheels_are_hashed_once_before_a_layer_is_planned(
    cache: Cache, built: BuiltLayer, target: Target, tmp_path: Path
) -> None:
    from build.layer import assemble
    from build.lock.selection import LockedWheel

    wheels = [LockedWheel(each.name, each.version, each.wheel, each.sha256) for each in built.packages]
    harm(cache.wheel_path(wheels[0].sha256), flipped)
    with pytest.raises(DamagedError, match=r"^the cached alpha-\S+ was damaged, and is removed; build again"):
        assemble(
            wheels[:2],
            target=target,
            name="deps",
            output=tmp_path / "o",
            options=DEFAULTS,
            cache=Cache(cache.root),
        )


@pytest.mark.parametrize("kind", ["wheels", "plans", "selections", "outcomes"])
def test_a_folder_in_an_entrys_place_is_thrown_away_and_the_entry_made_again(
    build: Build, built: BuiltLayer, cache: Cache, tmp_path: Path, kind: str
) -> None:
    for path in [each.path for each in entries(cache.root) if each.kind == kind]:
        path.unlink()
        path.mkdir()
        (path / "file").touch()
    again = build(tmp_path / "again", cache=Cache(cache.root))
    assert again.zip.read_bytes() == built.zip.read_bytes()
    assert not [path for path in (cache.root / kind).glob("*/*") if path.is_dir()]
