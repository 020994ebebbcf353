"""Why no wheel will do is told in words that say which other wheel, Python or version would."""

from __future__ import annotations

import re

import pytest
from packaging.version import Version

from build.index.choice import Chooser
from build.index.refusals import refusal
from build.index.simple import ProjectFile
from build.lock.requirements import Pin
from build.target import Target

PIN = Pin("demo", Version("1.0"), frozenset(), "lock:1")


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        (["cp314-cp314t-manylinux_2_17_x86_64"], "for cp314-cp314t; pin another version"),
        (["cp312-cp312t-manylinux_2_17_x86_64"], "for cp312-cp312t; pin another version"),
        (["cp312-cp312-musllinux_1_2_x86_64"], "for musllinux_1_2_x86_64; pin another version"),
        (["pp311-pypy311_pp73-manylinux_2_17_x86_64"], "for pp311-pypy311_pp73; pin another version"),
        (["cp313-abi3-linux_x86_64"], "for cp313-abi3; pin another version or use python3.13"),
        (["cp311-cp311-manylinux2014_x86_64"], "for cp311-cp311; pin another version or use python3.11"),
        (["cp312-cp312-win_amd64", "cp312-cp312-macosx_11_0_arm64"], "for macosx_11_0_arm64, win_amd64; pin"),
        (["py2-none-any"], "for py2-none; pin another version"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_wheels_for_others_are_told_by_what_they_are_for(tags: list[str], reason: str) -> None:
    chooser = Chooser(Target("3.12", "x86_64"))
    files = [ProjectFile(f"demo-1.0-{tag}.whl", f"https://host/{tag}", {}) for tag in tags]
    assert chooser.choose(PIN, files) is None
    told = "demo 1.0 has no wheel for python3.12 on x86_64 (glibc 2.34): its wheels are "
    assert re.match(re.escape(told + reason), refusal(PIN, files, chooser))


def test_where_there_is_an_sdist_a_wheel_may_be_built_of_it() -> None:
    chooser = Chooser(Target("3.12", "x86_64"))
    files = [ProjectFile(name, "", {}) for name in ("demo-1.0-cp312-cp312-win_amd64.whl", "demo-1.0.tar.gz")]
    advice = "pin another version, or build a wheel of its sdist and serve it by --find-links"
    assert refusal(PIN, files, chooser).endswith(advice)
    assert "of it and serve it by --find-links" in refusal(PIN, files[1:], chooser)


@pytest.mark.parametrize("python", ["3.9", "3.10", "3.11"])
def test_a_newer_glibc_is_told_by_its_number(python: str) -> None:
    tag = f"cp{python.replace('.', '')}"
    chooser = Chooser(Target(python, "arm64"))
    files = [ProjectFile(f"demo-1.0-{tag}-{tag}-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl", "", {})]
    told = "(glibc 2.26): its wheels need manylinux_2_27 or manylinux_2_28; pin an older version"
    assert told in refusal(PIN, files, chooser)


def test_a_build_number_and_several_tags_do_not_hide_a_wheel() -> None:
    chooser = Chooser(Target("3.12", "x86_64"))
    names = [
        "demo-1.0-cp39.cp312-abi3-musllinux_1_1_x86_64.manylinux_2_17_x86_64.whl",
        "demo-1.0-7a-py2.py3-none-any.whl",
    ]
    for name in names:
        found = chooser.choose(PIN, [ProjectFile(name, "", {})])
        assert found is not None
        assert found.file.filename == name


@pytest.mark.parametrize(("python", "nearest"), [("3.14", "3.12"), ("3.13", "3.12"), ("3.9", "3.10")])
def test_of_the_runtimes_that_would_do_the_nearest_is_told(python: str, nearest: str) -> None:
    tags = [f"cp{minor}-cp{minor}-manylinux2014_x86_64" for minor in (310, 311, 312)]
    files = [ProjectFile(f"demo-1.0-{tag}.whl", "", {}) for tag in tags]
    told = refusal(PIN, files, Chooser(Target(python, "x86_64")))
    assert told.endswith(f"; pin another version or use python{nearest}")


def test_of_many_wheels_those_of_the_newest_pythons_are_told() -> None:
    files = [ProjectFile(f"demo-1.0-cp3{minor}-cp3{minor}-any.whl", "", {}) for minor in range(3, 13)]
    told = refusal(PIN, files, Chooser(Target("3.14", "x86_64")))
    assert "its wheels are for 4 more and cp37-cp37, cp38-cp38," in told
    assert "cp312-cp312;" in told
