"""`diff` and `report` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from build.cli import main

from .layers import Make

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@pytest.fixture
def pair(make: Make) -> tuple[Path, Path]:
    """Two layers' manifests."""
    old = make({"one": ("1.0", {"one.py": b""})})
    return old.manifest, make({"one": ("1.1", {"one.py": b""})}).manifest


def test_diff_says_why_in_every_form(pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    old, new = map(str, pair)
    assert main(["diff", old, new]) == 0
    assert capsys.readouterr().out.startswith("the digest changed: one 1.0 → 1.1\n")
    assert main(["diff", old, new, "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("**the digest changed")
    assert main(["diff", old, new, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"][0]["after"]["version"] == "1.1"


def test_the_files_that_differ_are_listed_when_asked_for(
    pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", *map(str, pair)]) == 0
    short = capsys.readouterr().out
    assert main(["diff", *map(str, pair), "--files"]) == 0
    more = capsys.readouterr().out
    assert more.startswith(short)
    names = ("METADATA", "RECORD", "WHEEL")
    assert more[len(short) :].splitlines() == [
        f"  {sign} python/one-{version}.dist-info/{name}"
        for sign, version in (("+", "1.1"), ("-", "1.0"))
        for name in names
    ]


def test_a_zip_that_is_not_the_manifest_s_is_not_believed(
    pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    pair[1].with_suffix(".zip").write_bytes(b"no zip")
    assert main(["diff", *map(str, pair), "--files"]) == 0
    assert "  + " not in capsys.readouterr().out


def test_scripts_can_ask_by_the_exit_code(pair: tuple[Path, Path]) -> None:
    old, new = map(str, pair)
    assert main(["diff", old, new, "--exit-code"]) == 3
    assert main(["diff", old, old, "--exit-code"]) == 0


def test_a_lock_beside_a_layer_is_read_for_that_layer_s_target(
    pair: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "cache"))
    assert main(["diff", str(tmp_path / "lock.txt"), str(pair[1]), "--exit-code"]) == 0
    assert capsys.readouterr().out == "the digest is the same\n"


def test_a_report_of_a_lock_needs_a_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("")
    assert main(["report", str(lock)]) == 2
    expected = f"error: {lock} is a lock: say what for by --python X.Y, and --architecture where it matters\n"
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", "[1]", "is not a layer's manifest; give the .json beside its zip, the zip, or a lock"),
        ("a.json", "{", "is not a layer's manifest; give the .json beside its zip, the zip, or a lock"),
        (
            "a.json",
            "[" * 200_000,
            "is not a layer's manifest; give the .json beside its zip, the zip, or a lock",
        ),
        ("a.zip", "no", "is not a sound zip archive: File is not a zip file"),
        (None, "", "cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_layer_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str | None, content: str, said: str
) -> None:
    path = tmp_path / (name or "none.json")
    if name:
        path.write_text(content)
    assert main(["report", str(path)]) == 2
    assert capsys.readouterr().err == f"error: {path} {said}\n"


def test_report_writes_a_page_beside_the_layer(
    pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = pair
    assert main(["report", str(new), "--against", str(old)]) == 0
    written = new.with_suffix(".html")
    assert capsys.readouterr().out == f"{written}\n"
    text = written.read_text()
    assert "one 1.0 → 1.1" in text
    assert "Verified, and nothing was found." in text


def test_report_says_what_verification_finds(
    pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    assert main(["report", str(pair[1]), "--require", "nowhere", "--output", str(page)]) == 0
    text = page.read_text()
    assert "1 error" in text
    assert "nowhere" in text


def test_a_manifest_without_its_zip_gives_a_page_without_findings(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    pair[1].with_suffix(".zip").unlink()
    page = tmp_path / "page.html"
    assert main(["report", str(pair[1]), "--output", str(page)]) == 0
    assert "Nothing was verified" in page.read_text()


def test_a_page_that_cannot_be_written_is_told(
    pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["report", str(pair[0]), "--output", str(tmp_path / "file" / "page.html")]) == 1
    assert "cannot be written: " in capsys.readouterr().err


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_manifest_with_anything_in_it_is_read_or_refused(
    pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    content = json.loads(pair[0].read_text())
    place = data.draw(st.sampled_from([content, content["packages"][0]]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(ANYTHING)
    odd = tmp_path / "odd.json"
    odd.write_text(json.dumps(content))
    for command in (["diff", str(odd), str(pair[1])], ["report", str(odd), "--output", str(tmp_path / "p")]):
        assert main(command) in {0, 2}
        assert len(capsys.readouterr().err.splitlines()) <= 1
