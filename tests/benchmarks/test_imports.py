"""The benchmark of imports sees which sources are compiled, and refuses bytecode that is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.imports import compiled_sources, importing, layer
from benchmarks.process import ProcessError
from tests.build.wheelhouse import make_wheel

OWN_BYTECODE = {
    "demo/__init__.py": b"from . import part\n",
    "demo/part.py": b"compile('1', __file__, 'exec')\n",
}


def lock_of(tmp_path: Path) -> Path:
    path = make_wheel(tmp_path / "house", "demo", files=OWN_BYTECODE)
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"--no-index\n--find-links {path.parent}\ndemo==1.0\n")
    return lock


def test_sources_are_compiled_without_bytecode_and_not_with_it(tmp_path: Path) -> None:
    environment = {**os.environ, "LAMINA_CACHE": str(tmp_path / "cache")}
    plain = layer(lock_of(tmp_path), tmp_path, environment)
    ready = layer(lock_of(tmp_path), tmp_path, environment, "--bytecode")
    assert compiled_sources(["demo"], plain) == [str(plain / "demo/__init__.py"), str(plain / "demo/part.py")]
    # What a package compiles itself is its own doing.
    assert compiled_sources(["demo"], ready) == []
    for folder in (plain, ready):
        before = sorted(folder.rglob("*"))
        subprocess.run(importing(["demo"], folder), check=True)
        assert sorted(folder.rglob("*")) == before


def test_a_module_that_cannot_be_imported_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match=r"(?s)no_such_module cannot be imported: .*ModuleNotFoundError"):
        compiled_sources(["no_such_module"], tmp_path)


def test_only_the_layer_is_looked_into(tmp_path: Path) -> None:
    command = importing(["pytest"], tmp_path)
    assert command[0] == sys.executable
    assert subprocess.run(command, check=False, capture_output=True).returncode == 1
