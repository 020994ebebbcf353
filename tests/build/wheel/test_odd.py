"""Odd wheels that pip installs come out of a layer as pip installs them."""

from __future__ import annotations

import importlib
import zipfile
from pathlib import Path

import pytest

from build.cache import Cache
from build.layer import assemble
from build.target import Target
from build.tree.options import DEFAULTS
from tests.build.conftest import admitted
from tests.build.trees import Leaf, installed_tree, zipped_tree

from .archives import FILENAME
from .odd import ODD


def pip_install(wheel: Path, folder: Path) -> None:
    """What `pip install` does with a wheel once it has chosen it, compiling left out."""
    scheme = importlib.import_module("pip._internal.models.scheme").Scheme(
        platlib=str(folder), purelib=str(folder), headers=str(folder / "include"),
        scripts=str(folder / "bin"), data=str(folder),
    )  # fmt: skip
    install = importlib.import_module("pip._internal.operations.install.wheel").install_wheel
    install("demo", str(wheel), scheme=scheme, req_description="demo", pycompile=False)


@pytest.mark.parametrize("raw", ODD.values(), ids=ODD)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_sound_wheel_comes_out_as_pip_installs_it(
    raw: bytes, tmp_path: Path, cache: Cache, target: Target
) -> None:
    wheel = tmp_path / FILENAME
    wheel.write_bytes(raw)
    pip_install(wheel, tmp_path / "pip")
    wheels = [admitted(cache, wheel)]
    built = assemble(wheels, target=target, name="d", output=tmp_path / "out", options=DEFAULTS, cache=cache)
    with zipfile.ZipFile(built.zip) as archive:
        assert archive.testzip() is None
    ours, theirs = zipped_tree(built.zip), installed_tree(tmp_path / "pip")
    assert _without_record(ours) == _without_record(theirs)


def _without_record(tree: dict[str, Leaf]) -> dict[str, Leaf]:
    return {path: leaf for path, leaf in tree.items() if not path.endswith("-info/RECORD")}
