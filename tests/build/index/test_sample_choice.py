"""For every package of the sample's lock and every target, the wheel chosen is pip's own choice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from build.index.choice import Chooser
from build.index.simple import ProjectFile
from build.lock.lines import read_lines
from build.lock.markers import marker_environment
from build.lock.requirements import Pin, read_requirements
from build.target import ARCHITECTURES, RUNTIMES, Target

from .pips import pips_choice

PROJECT = Path(__file__).resolve().parents[3]
# What the index had of each pinned version, as file name to Requires-Python.
RECORDED: dict[str, dict[str, Any]] = json.loads(
    (PROJECT / "tests" / "data" / "index" / "sample-lock.json").read_text("utf-8")
)
TARGETS = [Target(python, architecture) for python in RUNTIMES for architecture in ARCHITECTURES]


def files(name: str) -> list[ProjectFile]:
    recorded = RECORDED[name]["files"].items()
    return [ProjectFile(filename, f"https://host/{filename}", {}, python) for filename, python in recorded]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.runtime}-{target.architecture}")
def test_the_choice_for_every_recorded_package_is_pips(target: Target) -> None:
    chooser = Chooser(target)
    ours, pips = {}, {}
    for name, recorded in RECORDED.items():
        pin = Pin(name, Version(recorded["version"]), frozenset(), "lock:1")
        wheel = chooser.choose(pin, files(name))
        ours[name] = wheel.file.filename if wheel else None
        pips[name] = pips_choice(files(name), target, project=name)
    assert ours == pips
    if target.python in {"3.11", "3.12", "3.13"}:
        needed = read_requirements(
            read_lines(PROJECT / "app" / "requirements.txt"), marker_environment(target)
        ).pins
        assert [pin.name for pin in needed if ours.get(pin.name) is None] == []


def test_the_record_has_wheels_of_every_kind() -> None:
    names = [name for recorded in RECORDED.values() for name in recorded["files"] if name.endswith(".whl")]
    for kind in (
        "abi3",
        "cp314t",
        "musllinux",
        "manylinux2014",
        "manylinux_2_28",
        "py2.py3",
        "pp311",
        "macosx",
    ):
        assert any(kind in name for name in names), kind
    assert len(names) > 1000
