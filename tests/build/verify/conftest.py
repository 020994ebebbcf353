"""What the tests of verification share: layers of tiny wheels, and their verdicts."""

from __future__ import annotations

import platform
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from build.cache import Cache
from build.layer import assemble
from build.target import MACHINES, Target
from build.tree.manifest import BuiltLayer
from build.tree.options import DEFAULTS, LayerOptions
from build.verify import Verdict, Wanted, verify_layer, verify_zip

from ..conftest import admitted
from ..wheelhouse import make_wheel

Wheel = Callable[..., Path]
Layer = Callable[..., BuiltLayer]
Check = Callable[..., Verdict]
Zip = Callable[..., Path]


@pytest.fixture
def wheel(tmp_path: Path) -> Wheel:
    """Makes a wheel, as `make_wheel` does."""
    return lambda *given, **more: make_wheel(tmp_path / "house", *given, **more)


@pytest.fixture
def own() -> Target:
    """The target whose Python runs this, so that modules can be imported."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    architecture = {machine: name for name, machine in MACHINES.items()}[platform.machine()]
    return Target(python, architecture)


@pytest.fixture
def layer(cache: Cache, target: Target, tmp_path: Path) -> Layer:
    """Builds a layer of wheels."""
    usual = target

    def layer(*wheels: Path, target: Target = usual, options: LayerOptions = DEFAULTS) -> BuiltLayer:
        locked = [admitted(cache, each) for each in wheels]
        output = tmp_path / "out"
        return assemble(locked, target=target, name="deps", output=output, options=options, cache=cache)

    return layer


@pytest.fixture
def check(layer: Layer, cache: Cache, target: Target) -> Check:
    """Builds a layer of wheels, and verifies it."""
    usual = target

    def check(
        *wheels: Path,
        target: Target = usual,
        options: LayerOptions = DEFAULTS,
        require: tuple[str, ...] = (),
        beside: int = 0,
        layers: int = 1,
    ) -> Verdict:
        built = layer(*wheels, target=target, options=options)
        return verify_layer(built, target, cache, Wanted.of(require, beside=beside, layers=layers))

    return check


@pytest.fixture
def foreign(tmp_path: Path) -> Zip:
    """Makes a zip as another tool would: path to content, in this order; modes other than 644 by path."""

    def foreign(files: Mapping[str, bytes], modes: Mapping[str, int] = MappingProxyType({})) -> Path:
        path = tmp_path / "foreign.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                info = zipfile.ZipInfo(name)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = modes.get(name, 0o40755 if info.is_dir() else 0o100644) << 16
                archive.writestr(info, content)
        return path

    return foreign


@pytest.fixture
def check_zip(foreign: Zip, cache: Cache, target: Target) -> Check:
    """Makes a zip as another tool would, and verifies it."""
    usual = target

    def check(
        files: Mapping[str, bytes],
        modes: Mapping[str, int] = MappingProxyType({}),
        *,
        target: Target = usual,
        require: tuple[str, ...] = (),
    ) -> Verdict:
        return verify_zip(foreign(files, modes), target, cache, Wanted.of(require))

    return check


def dist_info(
    name: str, version: str = "1.0", *requires: str, record: str = "", site: str = "python/"
) -> dict[str, bytes]:
    """The dist-info of a distribution, as `pip install -t` leaves it."""
    folder = f"{site}{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {each}\n" for each in requires)
    return {f"{folder}/METADATA": metadata.encode(), f"{folder}/RECORD": record.encode()}
