"""The command line: one answer on stdout, one line for each mistake on stderr, the exit code that fits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest

import build
from build import VERSION
from build.__main__ import _raised_nowhere
from build.cache import Cache
from build.cli import main
from build.layer import build_layer

from .index_fixtures import Lock
from .wheelhouse import make_wheel

PROJECT = Path(__file__).resolve().parents[2]
Run = Callable[..., int]


@pytest.fixture
def house(tmp_path: Path, no_settings: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that stands for the index, and a cache."""
    monkeypatch.setenv("LAMINA_CACHE", str(cache.root))
    folder = tmp_path / "house"
    make_wheel(folder, "alpha", files={"alpha.py": b"a\n", "shared.py": b"a\n"})
    make_wheel(folder, "beta", files={"beta.py": b"b\n"})
    make_wheel(folder, "Clash_Er", files={"shared.py": b"c\n"})
    return folder


@pytest.fixture
def found(house: Path, lock: Lock) -> Path:
    return lock("--no-index", f"--find-links {house}", "beta==1.0", "alpha==1.0")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(lock: Path, *more: str, python: str = "3.12") -> int:
        return main(["layer", str(lock), "--python", python, "--output", str(tmp_path / "out"), *more])

    return run


def test_json_has_the_promised_fields_and_nothing_else_is_said(
    found: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(found, "--name", "deps", "--architecture", "arm64", "--json") == 0
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert list(answer) == [
        *("digest", "name", "runtime", "architecture", "zip", "zip_sha256", "zip_size"),
        *("unzipped_size", "files", "packages"),
    ]
    assert (answer["name"], answer["runtime"], answer["architecture"]) == ("deps", "python3.12", "arm64")
    fields = ["name", "version", "wheel", "sha256", "size", "files"]
    assert [list(package) for package in answer["packages"]] == [fields] * 2
    # `lamina.json` is nobody's.
    assert sum(package["files"] for package in answer["packages"]) == answer["files"] - 1
    assert Path(answer["zip"]).stat().st_size == answer["zip_size"]
    assert err == ""


def test_people_get_a_table(found: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(found) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[:2]] == [["alpha", "1.0"], ["beta", "1.0"]]
    assert "2 packages, 10 files" in lines[2]
    assert "\x1b" not in "".join(lines)


def test_one_is_not_several(found: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(found, "--exclude", "alpha", "--exclude", "/beta.py") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("1 package, 4 files, ")
    assert run(found, "--exclude", "/beta.py") == 0
    assert "left out: 1 file, 2 B; the manifest lists them" in capsys.readouterr().out.splitlines()


def test_what_lies_beside_the_layer_is_told_as_people_do(
    found: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(found, "--beside", "30M") == 0
    assert run(found, "--beside", "250MB") == 2
    assert "would not work in Lambda" in capsys.readouterr().err


def test_a_reordered_or_commented_lock_gives_the_same_zip(
    found: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run(found, "--json")
    first = capsys.readouterr().out
    head, links, *pins = found.read_text().splitlines()
    found.write_text("\n".join(["# why", head, links, *reversed(pins)]))
    run(found, "--json")
    assert capsys.readouterr().out == first


@pytest.mark.parametrize("chosen", ["clash.er", "ALPHA"])
def test_a_conflict_is_solved_by_a_preference_under_any_spelling(
    found: Path, run: Run, chosen: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found.write_text(found.read_text() + "clash-er==1.0\n")
    assert run(found) == 2
    err = capsys.readouterr().err
    assert "both ship shared.py" in err
    assert err.endswith(" (prefer is given as --prefer PATH=PACKAGE, or as lamina:prefer of a stack)\n")
    assert run(found, "--prefer", f"shared.py={chosen}") == 0


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (["--architecture", "mips"], "Lambda has no architecture 'mips'"),
        (["--python", "3.7"], "no Lambda runtime has Python '3.7'"),
        (["--name", "a/b"], "'a/b' cannot be a layer's name"),
        (["--prefer", "x"], "prefer x: write PATH=PACKAGE"),
        (["--prefer", "x=alpha"], "prefer x=alpha: alpha is not in the lock, or ships no x"),
        (["--colour"], "unrecognized arguments: --colour; see python -m build layer --help\n"),
        (["--beside", "lots"], "--beside lots: write a number and a unit, such as 500M or 2G"),
        (["--require", "a-b"], "'a-b' is not the name of a module; write it as an import does"),
        (["--no-zip", "--layers", "2"], "--no-zip: a layer is verified by its zip; leave out --layers\n"),
        (
            ["--no-zip"],
            "--no-zip: there is no remote cache; name it by --remote s3://BUCKET/PREFIX or ",
        ),
        (
            ["--remote", "", "--remote-read-only", "--no-zip"],
            "--remote-read-only and --no-zip: there is no rem",
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_and_exit_code_2(
    found: Path, run: Run, more: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(found, *more) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {reason}")
    assert err.count("\n") == 1


def test_wrong_names_and_wrong_patterns_are_told_in_one_run(
    found: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(found, "--exclude", "alhpa", "--exclude", "/bata.py") == 2
    err = capsys.readouterr().err
    assert "exclude alhpa: no package of the lock has this name (is it alpha?)" in err
    assert "exclude /bata.py: matches no file of the layer (is it beta.py" in err


@pytest.mark.parametrize("lines", [[], ["# nothing"], ["beta==1.0; sys_platform == 'win32'"]])
def test_a_lock_that_asks_for_nothing_gives_no_layer(
    house: Path, lock: Lock, tmp_path: Path, run: Run, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = lock("--no-index", f"--find-links {house}", *lines)
    for _ in range(2):
        assert run(path) == 2
        assert capsys.readouterr().err == (
            f"error: {path} asks for nothing for python3.12 on x86_64, and an empty layer is of no use: "
            "check its markers, and whether it needs --extra or --group\n"
        )
    assert not list(tmp_path.glob("out/*"))


def test_a_missing_lock_is_a_mistake(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "none.txt") == 2
    assert "none.txt: No such file" in capsys.readouterr().err


def test_a_fault_of_lamina_is_one_line_too(
    found: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LAMINA_TRACEBACK", raising=False)
    monkeypatch.setattr("build.commands.layer.build_layer", None)
    assert run(found) == 1
    assert capsys.readouterr().err.startswith("error: this is a fault of Lamina: TypeError: ")
    monkeypatch.setenv("LAMINA_TRACEBACK", "1")
    with pytest.raises(TypeError, match="not callable"):
        run(found)


@pytest.mark.parametrize("command", [["--help"], ["layer", "--help"]])
def test_help_is_there(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(command)
    assert "usage: python -m build" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "prog"),
    [
        (["verify", "x", "--colour"], "python -m build verify"),
        (["diff", "x", "y", "--colour"], "python -m build diff"),
        (["report", "x", "--colour"], "python -m build report"),
        (["cache", "--colour", "info"], "python -m build cache"),
        (["cache", "info", "--colour"], "python -m build cache info"),
        (["--colour", "cache", "info"], "python -m build"),
    ],
)
def test_an_unknown_option_is_told_with_the_help_of_its_command(
    command: list[str], prog: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 2
    assert capsys.readouterr().err == f"error: unrecognized arguments: --colour; see {prog} --help\n"


@pytest.mark.parametrize(
    ("command", "forms"),
    [
        ("layer", "print nothing but errors, and what --json asks for"),
        ("diff", "print nothing but errors, and what --json or --markdown asks for"),
        ("report", "print nothing but errors --verbose"),
    ],
)
def test_help_names_no_option_that_the_command_lacks(
    command: str, forms: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    assert forms in " ".join(capsys.readouterr().out.split())


def test_the_version_is_the_project_s_and_stands_in_one_place(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    assert capsys.readouterr().out == f"{settings['project']['name']} {VERSION}\n"
    assert settings["project"]["dynamic"] == ["version"]
    assert (PROJECT / settings["tool"]["hatch"]["version"]["path"]).samefile(build.__file__)


def shell(found: Path, tmp_path: Path, redirection: str) -> subprocess.CompletedProcess[str]:
    command = f'"$0" -m build layer "$1" --python 3.12 --output "$2" --json {redirection}'
    arguments = [sys.executable, str(found), str(tmp_path / "out")]
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command, *arguments],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("redirection", "said"),
    [
        ("> /dev/full", "error: the answer cannot be written: No space left on device\n"),
        (">&-", "error: standard output is closed, so there is no place for the answer\n"),
        ("| true", ""),
    ],
    ids=["full", "closed", "pipe"],
)
def test_an_answer_that_nobody_can_take_ends_in_order(
    found: Path, tmp_path: Path, redirection: str, said: str
) -> None:
    done = shell(found, tmp_path, redirection)
    assert done.stderr == said
    assert done.returncode == 1 or (done.returncode == 0 and redirection == "| true")


def interrupted(command: list[str], out: Path, number: int) -> subprocess.CompletedProcess[str]:
    """Sends a signal while the zip is being written: its temporary file says when that is."""
    with subprocess.Popen(
        [*command, "--output", str(out)], cwd=PROJECT, stderr=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None and not (out.is_dir() and list(out.iterdir())):
            time.sleep(0.002)
        process.send_signal(number)
        _, err = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, stderr=err)


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [(signal.SIGINT, 130, "error: interrupted\n"), (signal.SIGTERM, 143, "error: terminated\n")],
    ids=["Ctrl-C", "terminated"],
)
def test_a_signal_ends_it_in_one_line_with_nothing_half_written(
    house: Path, lock: Lock, tmp_path: Path, number: int, code: int, said: str
) -> None:
    make_wheel(house, "big", files={"big.bin": os.urandom(64 << 20)}, level=0)
    path = lock("--no-index", f"--find-links {house}", "big==1.0")
    command = [sys.executable, "-m", "build", "layer", str(path), "--python", "3.12"]
    for attempt in range(10):
        out = tmp_path / f"out{attempt}"
        done = interrupted(command, out, number)
        # On a busy machine it may have finished before the signal came.
        if done.returncode != 0 and not list(out.glob("*.zip")):
            break
    assert (done.returncode, done.stderr) == (code, said)
    assert list(out.iterdir()) == []


def test_a_signal_right_after_a_temporary_file_was_made_leaves_nothing(tmp_path: Path) -> None:
    code = "import sys; from build.temporary import *; make_temporary(Path(sys.argv[1])); sys.exit(143)"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=PROJECT, check=False)
    assert (done.returncode, list(tmp_path.iterdir())) == (143, [])


def test_a_warm_build_imports_none_of_the_slow_libraries(found: Path, run: Run, tmp_path: Path) -> None:
    run(found)
    code = "import sys; from build.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    command = ["layer", str(found), "--python", "3.12", "--output", str(tmp_path / "again")]
    done = subprocess.run(
        [sys.executable, "-c", code, *command], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    slow = {"packaging", "httpx", "rich", "boto3", "zipfile", "tempfile", "subprocess", "ssl", "email"}
    assert {module.partition(".")[0] for module in done.stderr.split()} & slow == set()


def test_cache_temporary_folder_and_output_may_lie_on_different_disks(
    found: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Path("/dev/shm")  # another disk than tmp_path's, on Linux
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no second disk to try with")
    cache = memory / f"lamina-test-{os.getpid()}"
    monkeypatch.setenv("LAMINA_CACHE", str(cache))
    monkeypatch.setenv("TMPDIR", "/")
    try:
        assert run(found) == 0
    finally:
        subprocess.run(["rm", "-rf", str(cache)], check=True)


def test_each_fault_has_a_line_of_its_own(
    house: Path, lock: Lock, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lock("-e .", f"--no-index --find-links {house}", "--wat", "beta=1")
    assert run(path) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["error"] * 3
    assert lines[0].startswith(
        f"error: {path}:1: an editable requirement is a folder; leave it out (uv export "
    )
    assert lines[1] == f"error: {path}:3: --wat is not an option of a requirements file"
    assert lines[2].startswith(f"error: {path}:4: cannot read `beta=1`")


def test_a_file_where_the_output_should_be_is_told(
    found: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("")
    for output in (tmp_path / "out", tmp_path / "out" / "below"):
        assert main(["layer", str(found), "--python", "3.12", "--output", str(output)]) == 1
        told = f"error: {output} cannot be written: a file is in its way; name another folder\n"
        assert capsys.readouterr().err == told


def test_an_interrupt_that_python_loses_comes_again() -> None:
    lost = cast("Any", SimpleNamespace(exc_type=KeyboardInterrupt))

    def lose() -> None:
        _raised_nowhere(lost)
        time.sleep(10)

    with pytest.raises(KeyboardInterrupt):
        lose()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RecursionError("x"), "error: something that was given is nested deeper than can be read\n"),
        (MemoryError(), "error: there is not enough memory for this\n"),
        (
            ModuleNotFoundError(name="uv"),
            f"error: {sys.executable} has no module uv: run this with .venv/bin/python, ",
        ),
    ],
    ids=["depth", "memory", "another Python"],
)
def test_what_is_too_much_or_lacking_is_no_fault_of_lamina(
    found: Path,
    run: Run,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    said: str,
) -> None:
    monkeypatch.setattr("build.commands.layer.build_layer", Mock(spec=build_layer, side_effect=error))
    assert run(found) == (2 if isinstance(error, RecursionError) else 1)
    told = capsys.readouterr().err
    assert told.startswith(said)
    assert told.count("\n") == 1
