"""The service's lock can be installed wherever its functions may run; its code package holds none of it."""

from __future__ import annotations

import itertools
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from build.code import build_code
from build.index.choice import Chooser
from build.index.indexes import Indexes
from build.index.settings import read_settings
from build.index.simple import ProjectFile, Wanted
from build.index.sources import read_sources
from build.index.transport import Transport
from build.lock.lines import read_lines
from build.lock.markers import marker_environment
from build.lock.pinning import default_index
from build.lock.requirements import Pin, read_requirements
from build.target import Target

APP = Path(__file__).resolve().parents[2] / "app"
TARGETS = [
    Target(python, architecture)
    for python, architecture in itertools.product(("3.11", "3.12", "3.13"), ("x86_64", "arm64"))
]


def pins(target: Target) -> tuple[Pin, ...]:
    found = read_requirements(read_lines(APP / "requirements.txt"), marker_environment(target))
    assert not found.unpinned
    return found.pins


@pytest.fixture(scope="module")
def files() -> dict[str, list[ProjectFile]]:
    """What the index has of each of the lock's packages in its pinned version; each page is read once."""
    settings = read_settings(read_sources())
    wanted = {pin.name: Wanted(pin.name, pin.version) for target in TARGETS for pin in pins(target)}
    index = default_index() if None in settings.indexes else None
    with Transport(
        settings, tuple(url or index or "" for url in settings.indexes), stop=Event()
    ) as transport:
        places = Indexes(settings, index, transport)._places

        def listed(name: str) -> list[ProjectFile]:
            return [file for place in places for file in place.files(wanted[name]) or ()]

        with ThreadPoolExecutor(8) as threads:
            return dict(zip(wanted, threads.map(listed, wanted), strict=True))


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.runtime}-{target.architecture}")
def test_every_package_has_a_wheel_for_every_target(
    target: Target, files: dict[str, list[ProjectFile]]
) -> None:
    chooser = Chooser(target)
    chosen = {pin.name: chooser.choose(pin, files[pin.name]) for pin in pins(target)}
    assert [name for name, wheel in chosen.items() if wheel is None] == []
    assert len(chosen) >= 55
    assert 40e6 < sum(wheel.file.size or 0 for wheel in chosen.values() if wheel) < 80e6


def test_the_code_package_holds_the_service_and_none_of_its_dependencies(tmp_path: Path) -> None:
    built = build_code(APP, name="app", output=tmp_path)
    assert built.zip_size < 1_000_000
    with zipfile.ZipFile(built.zip) as archive:
        names = sorted(archive.namelist())
    modules = [f"app/{path.relative_to(APP)}" for path in APP.rglob("*.py")]
    assert names == sorted([*modules, "lamina.json"])


def test_the_same_service_gives_the_same_code_package(tmp_path: Path) -> None:
    first, second = (build_code(APP, name="app", output=tmp_path / folder) for folder in ("a", "b"))
    assert first.zip.read_bytes() == second.zip.read_bytes()
    assert first.zip.name == second.zip.name == f"app-{first.digest}.zip"
