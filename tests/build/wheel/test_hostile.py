"""Hundreds of broken and hostile wheels: none gets through, and each is told in one line."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from build.errors import UserError
from build.wheel.names import shown
from build.wheel.reading import read_facts

from .archives import FILENAME, archive, members
from .corpus import FAMILIES, Case
from .corpus.case import Family

LONGEST = 1500


def refused(folder: Path, case: Case) -> str:
    """Why it gets through or is refused for something else; nothing when all is well."""
    wheel = folder / "wheel"
    wheel.write_bytes(case.raw)
    try:
        read_facts(wheel, case.filename)
    except UserError as error:
        text = str(error)
        if not re.search(case.reason, text):
            return f"{case.what}: refused with {text!r} instead of {case.reason!r}"
        if len(text.splitlines()) != 1 or not text.isprintable() or len(text) > LONGEST:
            return f"{case.what}: not one short line: {text!r}"
        if not text.startswith(shown(case.filename)):
            return f"{case.what}: {text!r} does not name the wheel"
        return ""
    return f"{case.what} gets through"


def test_the_wheel_that_all_are_made_from_is_sound(tmp_path: Path) -> None:
    wheel = tmp_path / FILENAME
    wheel.write_bytes(archive(members()))
    assert len(read_facts(wheel, FILENAME)["files"]) == 5


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_every_hostile_wheel_is_refused_by_name_and_reason(family: Family, tmp_path: Path) -> None:
    assert [fault for case in family() if (fault := refused(tmp_path, case))] == []


def test_the_corpus_has_at_least_500_different_wheels() -> None:
    cases = {(hashlib.sha256(case.raw).digest(), case.filename) for family in FAMILIES for case in family()}
    assert len(cases) >= 500
