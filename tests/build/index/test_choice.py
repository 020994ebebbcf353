"""Which wheel is chosen: held to pip's own choice."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from build.index.choice import Chooser
from build.index.simple import ProjectFile
from build.index.tags import platform_tags, supported_tags
from build.lock.requirements import Pin
from build.target import ARCHITECTURES, GLIBC, Target
from tests.build.wheelhouse import make_wheel

from .pips import pips_choice

TARGETS = [Target(python, architecture) for python in GLIBC for architecture in ARCHITECTURES]
A, B = "a" * 64, "b" * 64

INTERPRETERS = [
    "cp39-cp39",
    "cp311-cp311",
    "cp311-none",
    "cp312-cp312",
    "cp312-abi3",
    "cp38-abi3",
    "cp36-abi3",
]
INTERPRETERS += [
    "cp313-cp313t",
    "cp314-cp314",
    "cp314-cp314t",
    "cp314-abi3",
    "cp313-none",
    "cp39.cp310.cp311-abi3",
    "py3-none",
    "py2.py3-none",
    "py312-none",
    "py38-none",
    "py2-none",
    "pp310-pypy310",
    "pp311-pypy311_pp73",
    "graalpy312-graalpy250_312_native",
    "cp27-cp27mu",
    "cp37-cp37m",
]
PLATFORMS = ["any", "linux_x86_64", "linux_aarch64", "manylinux1_x86_64", "manylinux2010_x86_64"]
PLATFORMS += ["manylinux2014_x86_64", "manylinux2014_aarch64", "manylinux_2_17_x86_64.manylinux2014_x86_64"]
PLATFORMS += [
    "manylinux_2_24_x86_64",
    "manylinux_2_26_aarch64",
    "manylinux_2_27_x86_64.manylinux_2_28_x86_64",
]
PLATFORMS += ["manylinux_2_34_aarch64", "manylinux_2_35_x86_64", "musllinux_1_2_x86_64", "macosx_11_0_arm64"]
PLATFORMS += ["manylinux_2_5_x86_64.manylinux1_x86_64", "musllinux_1_1_aarch64", "linux_armv7l", "win_amd64"]
PLATFORMS += ["manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64", "manylinux1_aarch64"]
BUILDS = ["", "", "1-", "2-", "10-", "10b-"]

FILES = st.builds(
    lambda version, build, interpreter, platform, sha256, python, yanked: ProjectFile(
        f"demo-{version}-{build}{interpreter}-{platform}.whl",
        f"https://host/{version}-{build}{interpreter}-{platform}.whl",
        {"sha256": sha256} if sha256 else {},
        python,
        yanked,
    ),
    st.sampled_from(["1.0", "1.0", "1.0+local.1"]),
    st.sampled_from(BUILDS),
    st.sampled_from(INTERPRETERS),
    st.sampled_from(PLATFORMS),
    st.sampled_from([A, B, None]),
    st.sampled_from([None, ">=3.9", ">=3.12", "<3.12", ">=3.11.2", "nonsense"]),
    st.sampled_from([None, None, ""]),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(FILES, max_size=12, unique_by=lambda file: file.filename),
    st.sampled_from(TARGETS),
    st.booleans(),
)
def test_the_choice_is_pips(files: list[ProjectFile], target: Target, with_hashes: bool) -> None:
    hashes = frozenset({f"sha256:{A}"}) if with_hashes else frozenset()
    ours = Chooser(target).choose(Pin("demo", Version("1.0"), hashes, "lock:1"), files)
    told = {"sha256": [A]} if with_hashes else {}
    # A file with another hash is what pip downloads to be able to complain about it; it is none of ours.
    eligible = [file for file in files if not with_hashes or file.hashes.get("sha256") != B]
    assert (ours.file.filename if ours else None) == pips_choice(eligible, target, told)


MIXES = {
    "both": ["py3-none-any", "cp312-cp312-manylinux_2_17_x86_64"],
    "glibc": ["cp312-cp312-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_28_x86_64"],
    "stable": [
        "cp39-abi3-manylinux2014_x86_64",
        "cp312-abi3-manylinux2014_x86_64",
        "cp312-none-linux_x86_64",
    ],
    "legacy": ["cp312-cp312-manylinux1_x86_64", "cp312-cp312-manylinux2010_x86_64"],
    "pure": ["py2.py3-none-any", "py312-none-any", "py3-none-manylinux2014_x86_64"],
}


def test_pip_download_takes_the_same_wheels(tmp_path: Path) -> None:
    target = Target("3.12", "x86_64")
    made = {name: [make_wheel(tmp_path, name, tag=tag) for tag in tags] for name, tags in MIXES.items()}
    platforms = [word for tag in platform_tags(target) for word in ("--platform", tag)]
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--only-binary",
        ":all:",
        "--no-deps",
        "--no-index",
    ]
    command += ["--python-version", "3.12", "--implementation", "cp", "--abi", "cp312", "--dest", "taken"]
    command += ["--disable-pip-version-check", "--find-links", str(tmp_path), *platforms, *made]
    subprocess.run(command, cwd=tmp_path, check=True)
    taken = {path.name for path in (tmp_path / "taken").iterdir()}
    chooser = Chooser(target)
    ours = {
        wheel.file.filename
        for name, paths in made.items()
        if (
            wheel := chooser.choose(_pin(name), [ProjectFile(path.name, path.as_uri(), {}) for path in paths])
        )
    }
    assert ours == taken


def _pin(name: str) -> Pin:
    return Pin(name, Version("1.0"), frozenset(), "lock:1")


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.runtime}-{target.architecture}")
def test_tags_are_those_that_packaging_finds_on_the_runtime_itself(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = importlib.import_module("packaging.tags")
    manylinux = importlib.import_module("packaging._manylinux")
    monkeypatch.setattr(manylinux, "_get_glibc_version", lambda: target.glibc)
    monkeypatch.setattr(manylinux, "_have_compatible_abi", lambda *_: True)
    monkeypatch.setattr(importlib.import_module("packaging._musllinux"), "platform_tags", lambda _: ())
    monkeypatch.setattr(tags.platform, "system", lambda: "Linux")
    monkeypatch.setattr(tags.sysconfig, "get_platform", lambda: f"linux-{target.machine}")
    version = tuple(int(part) for part in target.python_release.split("."))
    monkeypatch.setattr(tags, "interpreter_name", lambda: "cp")
    monkeypatch.setattr(tags, "interpreter_version", lambda **_: f"{version[0]}{version[1]}")
    monkeypatch.setattr(tags.sys, "version_info", (*version, "final", 0))
    native = list(tags.sys_tags())
    monkeypatch.undo()
    assert list(supported_tags(target)) == native
    first = f"cp{target.python.replace('.', '')}"
    assert [str(tag) for tag in native[:2]] == [
        f"{first}-{first}-linux_{target.machine}",
        f"{first}-{first}-manylinux_2_{target.glibc[1]}_{target.machine}",
    ]


NEVER = ["musllinux", "macosx", "win", "cp313t", "cp314t", "pypy", "pp3", "graalpy", "cp37m"]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.runtime}-{target.architecture}")
def test_no_target_takes_another_c_library_or_another_python(target: Target) -> None:
    assert [str(tag) for tag in supported_tags(target) if any(name in str(tag) for name in NEVER)] == []
