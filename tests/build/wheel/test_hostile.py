"""Hundreds of broken and hostile wheels: none gets through, and each is told in one line."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from build.cache import Cache
from build.cli import main
from build.errors import UserError
from build.wheel.names import shown
from build.wheel.reading import read_facts
from tests.build.index_fixtures import Lock

from .archives import FILENAME, archive, members
from .corpus import FAMILIES, Case
from .corpus.case import Family
from .corpus.identity import file_names

LONGEST = 1500
WAY_OUT = "; build it again, or pin another version"


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
        if not text.startswith(shown(case.filename)) or not text.endswith(WAY_OUT):
            return f"{case.what}: {text!r} names no wheel or no way out"
        return ""
    return f"{case.what} gets through"


def test_the_wheel_that_all_are_made_from_is_sound(tmp_path: Path) -> None:
    wheel = tmp_path / FILENAME
    wheel.write_bytes(archive(members()))
    assert len(read_facts(wheel, FILENAME)["files"]) == 5


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_every_hostile_wheel_is_refused_by_name_and_reason(family: Family, tmp_path: Path) -> None:
    assert [fault for case in family() if (fault := refused(tmp_path, case))] == []


@pytest.mark.parametrize(
    "family", [family for family in FAMILIES if family is not file_names], ids=lambda family: family.__name__
)
def test_a_build_with_one_ends_in_one_line_and_leaves_nothing(
    family: Family,
    tmp_path: Path,
    no_settings: Path,
    cache: Cache,
    lock: Lock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    case = next(family())
    monkeypatch.setenv("LAMINA_CACHE", str(cache.root))
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / FILENAME).write_bytes(case.raw)
    path = lock("--no-index", f"--find-links {tmp_path / 'house'}", "demo==1.0")
    code = main(["layer", str(path), "--python", "3.12", "--output", str(tmp_path / "out")])
    out, err = capsys.readouterr()
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert FILENAME in err
    assert not list((tmp_path / "out").glob("*"))
    assert not [each for each in cache.root.rglob("*") if each.suffix in {".whl", ".json", ".lamina-tmp"}]


def test_the_corpus_has_at_least_500_different_wheels() -> None:
    cases = {(hashlib.sha256(case.raw).digest(), case.filename) for family in FAMILIES for case in family()}
    assert len(cases) >= 500
