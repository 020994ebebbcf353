"""For every package of the sample's lock and every target, the wheel chosen is pip's own choice."""

from __future__ import annotations

import json
from typing import Any

import pytest
from packaging.version import Version

from build.index.choice import Chooser
from build.index.simple import ProjectFile
from build.lock.requirements import Pin
from build.target import Target

from .pips import pips_choice
from .record import RECORD, TARGETS, pins

# The version and the files of each package, as file name to Requires-Python.
RECORDED: dict[str, dict[str, Any]] = json.loads(RECORD.read_text("utf-8"))


def files(name: str) -> list[ProjectFile]:
    recorded = RECORDED[name]["files"].items()
    return [ProjectFile(filename, f"https://host/{filename}", {}, python) for filename, python in recorded]


def test_what_is_recorded_is_what_the_lock_pins() -> None:
    locked = {pin.name: str(pin.version) for target in TARGETS for pin in pins(target)}
    recorded = {name: each["version"] for name, each in RECORDED.items()}
    assert recorded == locked, "record the index anew: python -m tests.build.index.record"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.runtime}-{target.architecture}")
def test_the_choice_for_every_package_is_pips(target: Target) -> None:
    chooser = Chooser(target)
    ours, pips = {}, {}
    for name, recorded in RECORDED.items():
        wheel = chooser.choose(Pin(name, Version(recorded["version"]), frozenset(), "lock:1"), files(name))
        ours[name] = wheel.file.filename if wheel else None
        pips[name] = pips_choice(files(name), target, project=name)
    assert ours == pips
    if target.python in {"3.11", "3.12", "3.13"}:
        assert [pin.name for pin in pins(target) if ours[pin.name] is None] == []


def test_the_record_has_wheels_of_every_kind() -> None:
    names = [name for recorded in RECORDED.values() for name in recorded["files"] if name.endswith(".whl")]
    for kind in ("abi3", "cp314t", "musllinux", "manylinux2014", "manylinux_2_28", "py2.py3", "pp311"):
        assert any(kind in name for name in names), kind
    assert len(names) > 1000
