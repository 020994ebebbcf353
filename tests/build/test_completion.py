"""What pins require and their file does not name is added, as pip does; a lock with hashes is left alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from build import completion
from build.cache import Cache
from build.resolve import wheels_for
from build.target import Target

from .conftest import admitted
from .index_fixtures import Lock
from .wheelhouse import make_wheel

Chosen = Callable[..., list[str]]


@pytest.fixture
def house(tmp_path: Path, no_settings: Path) -> Path:
    house = tmp_path / "house"
    extra = "delta ; extra == 'fast'"
    make_wheel(house, "alpha", requires=["Beta>=1", "windows-only ; sys_platform == 'win32'", extra])
    for version in ("1.0", "2.0"):
        make_wheel(house, "beta", version, requires=["gamma<2"])
    for name, version in [("gamma", "1.0"), ("gamma", "2.0"), ("delta", "1.0")]:
        make_wheel(house, name, version)
    make_wheel(house, "lonely", requires=["nowhere"])
    make_wheel(house, "boto3", requires=["botocore>=1.0"])
    make_wheel(house, "botocore")
    return house


@pytest.fixture
def chosen(house: Path, lock: Lock, cache: Cache, target: Target) -> Chosen:
    """Gives what is installed of a file with these lines."""

    def chosen(*lines: str) -> list[str]:
        file = lock("--no-index", f"--find-links {house}", *lines)
        return [f"{each.name}=={each.version}" for each in wheels_for(file, target, cache)]

    return chosen


@pytest.fixture
def without_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("uv is run")

    monkeypatch.setattr(completion, "completed", fail)


@pytest.mark.parametrize(
    ("pins", "installed"),
    [
        (["alpha==1.0"], ["alpha==1.0", "beta==2.0", "gamma==1.0"]),
        (["alpha==1.0", "beta==1.0"], ["alpha==1.0", "beta==1.0", "gamma==1.0"]),
        (["alpha[Fast]==1.0"], ["alpha==1.0", "beta==2.0", "delta==1.0", "gamma==1.0"]),
        (
            ["alpha[fast]==1.0", "beta==1.0", "gamma==1.0"],
            ["alpha==1.0", "beta==1.0", "delta==1.0", "gamma==1.0"],
        ),
    ],
    ids=["nothing else is pinned", "a part is pinned", "an extra is asked for", "only the extra is missing"],
)
def test_what_pins_require_is_added(chosen: Chosen, pins: list[str], installed: list[str]) -> None:
    assert chosen(*pins) == installed


def test_an_extra_of_a_wheel_named_by_its_place_counts(house: Path, chosen: Chosen) -> None:
    wheel = (house / "alpha-1.0-py3-none-any.whl").as_uri()
    rest = ["beta==1.0", "gamma==1.0"]
    assert "delta==1.0" not in chosen(f"alpha @ {wheel}", *rest)
    assert "delta==1.0" in chosen(f"alpha[fast] @ {wheel}", *rest)


@pytest.mark.usefixtures("without_uv")
def test_a_file_that_names_everything_is_not_resolved_again(chosen: Chosen) -> None:
    pins = ["alpha==1.0", "beta==1.0", "gamma==2.0"]
    assert chosen(*pins) == pins


@pytest.mark.usefixtures("without_uv")
def test_a_lock_with_hashes_stands_as_it_is(house: Path, chosen: Chosen, cache: Cache) -> None:
    sha256 = admitted(cache, house / "alpha-1.0-py3-none-any.whl").sha256
    assert chosen(f"alpha==1.0 --hash=sha256:{sha256}") == ["alpha==1.0"]


def test_what_the_runtime_brings_is_added_as_well(chosen: Chosen) -> None:
    assert chosen("boto3==1.0") == ["boto3==1.0", "botocore==1.0"]


def test_what_cannot_be_had_is_told_and_the_file_stands(
    chosen: Chosen, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert chosen("lonely==1.0") == ["lonely==1.0"]
    (told,) = caplog.messages
    assert "requirements.txt does not name nowhere (which lonely requires); nothing is added: " in told
    assert "Because nowhere was not found" in told
    assert "\n" not in told


@pytest.mark.parametrize(
    "line",
    [
        "# -*- coding: latin-1 -*-\nbeta==1.0  # caf\xe9",
        "--use-feature=fast-deps\n--no-binary :none:\nbeta==1.0;",
        "beta==1.0 --config-settings=a=b",
        "beta==${BETA}",
        "-r more\\ pins.txt",
        "-c limits.txt\nbeta",
        "./house/beta-1.0-py3-none-any.whl;python_version>'3'",
    ],
    ids=["encoding", "options", "its options", "variable", "include", "constraint", "path"],
)
def test_uv_needs_to_understand_nothing_that_only_pip_does(
    house: Path, lock: Lock, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setenv("BETA", "1.0")
    lock("beta==1.0", name="more pins.txt")
    lock("beta<2", name="limits.txt")
    file = lock()
    file.write_bytes(f"{line}\n--no-index\n--find-links {house}\ngamma\n".encode("latin-1"))
    assert [(each.name, each.version) for each in wheels_for(file, target, cache)] == [
        ("beta", "1.0"),
        ("gamma", "1.0"),
    ]
