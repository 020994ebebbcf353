"""A note answers for an unchanged build, and for no other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from build.unchanged import recalled

from .index_fixtures import Lock
from .wheelhouse import make_wheel

PROJECT = Path(__file__).resolve().parents[2]

Recall = Callable[[], "tuple[str, str] | None"]


@pytest.fixture
def locked(house: Path, lock: Lock) -> Path:
    make_wheel(house, "demo")
    return lock("--no-index", f"--find-links {house}", "demo==1.0")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return tmp_path / "house"


@pytest.fixture
def command(locked: Path, tmp_path: Path) -> list[str]:
    return ["layer", str(locked), "--python", "3.12", "--output", str(tmp_path / "out")]


@pytest.fixture
def built(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_settings: Path) -> str:
    """What the first build says; the environment and the folder stay as they were then."""
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(PROJECT)
    return run(command)


def run(command: list[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "build", *command], capture_output=True, text=True, check=True
    )
    return done.stdout


def modules(command: list[str]) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "build", *command],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_it_says_the_same_again_and_loads_nothing_for_it(built: str, command: list[str]) -> None:
    assert recalled(command) == (built, "")
    assert run(command) == built
    loaded = modules(command)
    assert "build.unchanged" in loaded
    assert not loaded & {"build.cli", "build.layer", "argparse", "json", "pathlib", "dataclasses"}


def test_another_command_is_not_answered(built: str, command: list[str]) -> None:
    assert recalled([*command, "--json"]) is None
    assert recalled([*command[:3], "3.13", *command[4:]]) is None


@pytest.mark.parametrize("suffix", [".zip", ".json", ".cdx.json"])
@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"x"), Path.touch])
def test_an_output_that_was_touched_is_looked_at(
    built: str, command: list[str], tmp_path: Path, suffix: str, damage: Callable[[Path], object]
) -> None:
    # A name's only other points are those of its suffix.
    (path,) = (path for path in (tmp_path / "out").iterdir() if "".join(path.suffixes) == suffix)
    content = path.read_bytes()
    damage(path)
    assert recalled(command) is None
    assert run(command) == built
    assert path.read_bytes() == content


def test_one_byte_that_is_changed_in_place_at_once_is_noticed(
    built: str, command: list[str], tmp_path: Path
) -> None:
    (path,) = (tmp_path / "out").glob("*.zip")
    content = path.read_bytes()
    with path.open("r+b") as stream:
        stream.write(b"X")
    assert recalled(command) is None
    assert run(command) == built
    assert path.read_bytes() == content


def test_a_changed_lock_is_read_again(built: str, command: list[str], locked: Path) -> None:
    locked.write_text(locked.read_text() + "# a comment\n")
    assert recalled(command) is None


def test_a_file_that_the_lock_includes_counts(
    built: str, command: list[str], locked: Path, tmp_path: Path
) -> None:
    included = tmp_path / "more.txt"
    included.write_text("# nothing\n")
    locked.write_text(locked.read_text() + f"-r {included}\n")
    run(command)
    assert recalled(command) is not None
    included.write_text("# nothing else\n")
    assert recalled(command) is None


def test_a_variable_in_the_lock_counts(
    built: str, command: list[str], locked: Path, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOUSE", str(house))
    locked.write_text("--no-index\n--find-links ${HOUSE}\ndemo==1.0\n")
    run(command)
    assert recalled(command) is not None
    monkeypatch.setenv("HOUSE", f"{house}/")
    assert recalled(command) is None


def test_a_new_wheel_in_a_find_links_folder_counts(built: str, command: list[str], house: Path) -> None:
    make_wheel(house, "other")
    assert recalled(command) is None


@pytest.mark.parametrize("name", ["PIP_INDEX_URL", "UV_INDEX_URL", "LAMINA_ANYTHING", "XDG_CONFIG_HOME"])
def test_a_setting_that_appears_counts(
    built: str, command: list[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "https://index.example/simple")
    assert recalled(command) is None


def test_a_configuration_file_that_appears_counts(
    locked: Path, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_settings: Path
) -> None:
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.delenv("UV_NO_CONFIG")
    monkeypatch.chdir(tmp_path)
    run(command)
    assert recalled(command) is not None
    (tmp_path / "uv.toml").write_text("")
    assert recalled(command) is None


def test_credentials_do_not_count_and_are_kept_nowhere(
    built: str, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://me:hunter2@index.example/simple")
    monkeypatch.setenv("UV_INDEX_MINE_PASSWORD", "hunter2")
    run(command)
    assert recalled(command) is not None
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://me:hunter3@index.example/simple")
    monkeypatch.setenv("UV_INDEX_MINE_PASSWORD", "hunter3")
    assert recalled(command) is not None
    kept = b"".join(path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert b"hunter" not in kept


def test_a_note_that_was_left_half_written_is_none(built: str, command: list[str], tmp_path: Path) -> None:
    (note,) = (path for path in (tmp_path / "cache" / "notes").rglob("*") if path.is_file())
    content = note.read_bytes()
    for length in (0, 10, 40, len(content) - 1):
        note.write_bytes(content[:length])
        assert recalled(command) is None
    note.write_bytes(content)
    assert recalled(command) == (built, "")


def test_where_no_note_can_be_kept_the_build_goes_on(built: str, command: list[str], tmp_path: Path) -> None:
    notes = tmp_path / "cache" / "notes"
    for path in sorted(notes.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    notes.rmdir()
    notes.write_text("a file where the folder should be")
    assert run(command) == built
