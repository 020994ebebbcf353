"""A layer's `python/` is what uv installs with `--target`: every file, every byte, every executable bit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from build.cache import Cache
from build.layer import assemble, build_layer
from build.target import Target
from build.tree.options import DEFAULTS
from tests.build.conftest import Admit
from tests.build.trees import installed_tree, zipped_tree
from tests.build.wheelhouse import make_wheel

LOCK = Path(__file__).resolve().parents[3] / "app" / "requirements.txt"


def uv_install(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(folder), *arguments]
    # uv links what it installs into its cache: a file that was edited anywhere is edited there, too.
    own = {**os.environ, "UV_CACHE_DIR": str(folder.with_name("uv-cache"))}
    done = subprocess.run(command, cwd=folder.parent, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


SPREAD = {
    "demo/__init__.py": b"x = 1\n",
    "demo/run.sh": b"#!/bin/sh\n",
    "demo/with,comma.txt": b"c",
    "Demo_Kit-1.0.data/purelib/pure.py": b"p",
    "Demo_Kit-1.0.data/platlib/plat.py": b"q",
    "Demo_Kit-1.0.data/data/share/x.txt": b"s",
    "Demo_Kit-1.0.data/data/python/x.txt": b"s",
    "Demo_Kit-1.0.data/data/bin/tool": b"t",
    "Demo_Kit-1.0.data/headers/h.h": b"h",
    "Demo_Kit-1.0.data/scripts/tool": b"#!python\nprint()\n",
    "Demo_Kit-1.0.data/purelib/Demo_Kit-1.0.dist-info/extra.txt": b"e",
    "Demo_Kit-1.0.dist-info/RECORD.jws": b"{}",
    "Demo_Kit-1.0.dist-info/INSTALLER": b"flit\n",
    "Demo_Kit-1.0.dist-info/licenses/LICENSE": b"l",
    "Demo_Kit-1.0.dist-info/entry_points.txt": b"[console_scripts]\nfoo = demo:x\n",
    "demo/__pycache__/__init__.cpython-312.pyc": b"c",
    "demo/_vendor/six-1.0.dist-info/RECORD": b"v",
    "demo/_vendor/six-1.0.dist-info/METADATA": b"v",
}


def test_a_wheel_of_every_kind_of_file_is_spread_as_uv_spreads_it(
    cache: Cache, admit: Admit, target: Target, tmp_path: Path
) -> None:
    scripts = ["demo/run.sh", "Demo_Kit-1.0.data/data/share/x.txt"]
    wheel = make_wheel(tmp_path / "house", "Demo_Kit", files=SPREAD, executable=scripts)
    uv_install(tmp_path / "uv", "--no-index", str(wheel))
    built = assemble([admit(wheel)], target=target, name="d", output=tmp_path, options=DEFAULTS, cache=cache)
    assert zipped_tree(built.zip) == installed_tree(tmp_path / "uv")


def test_the_samples_layer_is_what_uv_installs_from_its_lock(tmp_path: Path) -> None:
    target = Target("3.12", "x86_64")
    built = build_layer(LOCK, target=target, name="d", output=tmp_path, cache=Cache(tmp_path / "cache"))
    platform = ["--python-version", "3.12", "--python-platform", "x86_64-manylinux_2_34"]
    uv_install(tmp_path / "uv", *platform, "--only-binary", ":all:", "--no-deps", "-r", str(LOCK))
    ours, theirs = zipped_tree(built.zip), installed_tree(tmp_path / "uv")
    assert ours.keys() == theirs.keys()
    assert [path for path in ours if ours[path] != theirs[path]] == []
