"""What a person sees of long work, what a pipe sees, and what `--quiet` and `--verbose` make of both."""

from __future__ import annotations

import os
import pty
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

import pytest

from build.cli import main
from build.progress import SILENT, progress_for_terminal, speak
from build.steps import amount_of

from .wheelhouse import make_wheel

ROOT = Path(__file__).parents[2]
# Longer than the patience with which bars wait.
LONG = "for _ in range(8): stage.advance(1000); time.sleep(0.1)"
# However long a busy machine takes to load rich.
DRAWN = f"""while "rich.progress" not in sys.modules: time.sleep(0.02)
    {LONG}"""
CODE = """
import sys
import time
from build.progress import progress_for_terminal, speak
speak("LOUDNESS")
with progress_for_terminal().stage("UNIT to do", total=4_000_000, unit="UNIT") as stage:
    stage.advance(1_000_000)
    WAIT
    stage.expect(1_000_000)
    stage.advance(4_000_000)
print("rich" in sys.modules)
"""


def code(wait: str = LONG, unit: str = "bytes", loudness: str = "usual") -> str:
    return CODE.replace("WAIT", wait).replace("UNIT", unit).replace("LOUDNESS", loudness)


@pytest.fixture(autouse=True)
def as_usual() -> Iterator[None]:
    """Leaves a process as loud as it was."""
    yield
    speak("usual")


def on_terminal(text: str, columns: int = 100, **environ: str) -> tuple[str, str]:
    """Runs code with a terminal as stderr; gives stdout and what the terminal got."""
    master, slave = pty.openpty()
    ioctl(slave, TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
    environ = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environ}
    environ.pop("COLUMNS", None)
    done = subprocess.run(
        [sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=slave, env=environ, check=True
    )
    os.close(slave)
    seen = b""
    # A terminal whose other end is closed ends with an error on Linux.
    with suppress(OSError):
        while piece := os.read(master, 4096):
            seen += piece
    os.close(master)
    return done.stdout.decode(), seen.decode()


def in_pipe(text: str) -> tuple[str, str]:
    """Runs code with a pipe as stderr; gives stdout and stderr."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, env=environ, text=True, check=True
    )
    return done.stdout, done.stderr


def test_a_terminal_gets_bars_with_totals_and_rates() -> None:
    stdout, seen = on_terminal(code(DRAWN))
    assert stdout == "True\n"
    assert "bytes to do" in seen
    assert "/4.0 MB" in seen
    assert "kB/s" in seen


def test_files_have_a_rate_too() -> None:
    _, seen = on_terminal(code(DRAWN, unit="files"))
    assert "/4000000" in seen
    assert "files/s" in seen


def test_what_is_short_draws_nothing_and_loads_nothing() -> None:
    assert on_terminal(code(wait="")) == ("False\n", "")


@pytest.mark.parametrize("columns", [40, 60, 78])
def test_a_narrow_terminal_keeps_the_bar_on_one_line(columns: int) -> None:
    _, seen = on_terminal(code(DRAWN), columns)
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen).replace("\r", "\n").splitlines()
    assert any("bytes to do" in line for line in lines)
    assert max(map(len, lines)) <= columns


def test_no_color_is_honoured() -> None:
    _, seen = on_terminal(code(DRAWN), NO_COLOR="1")
    assert "bytes to do" in seen
    assert "\x1b[3" not in seen


def test_a_terminal_that_cannot_draw_gets_nothing() -> None:
    assert on_terminal(code(), TERM="dumb") == ("False\n", "")


def test_a_pipe_gets_nothing_and_rich_is_not_loaded() -> None:
    assert in_pipe(code()) == ("False\n", "")


def test_quiet_is_silent_on_a_terminal_too() -> None:
    assert on_terminal(code(loudness="quiet")) == ("False\n", "")


def test_verbose_tells_a_pipe_of_each_step_with_its_time_and_rate() -> None:
    _, said = in_pipe(code(loudness="verbose"))
    assert re.fullmatch(r" +\d\.\d\d s  bytes to do: 5\.0 MB, \d\.\d MB/s\n", said)


def test_verbose_tells_a_terminal_after_the_bar_is_gone() -> None:
    _, seen = on_terminal(code(DRAWN, loudness="verbose"))
    assert seen.rstrip().endswith("MB/s")
    assert "/4.0 MB" in seen


def test_a_step_that_fails_is_told_as_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    speak("verbose")
    with pytest.raises(ValueError, match=r"^no$"), progress_for_terminal().stage("x", total=1, unit="files"):
        raise ValueError("no")
    assert re.fullmatch(r" +0\.\d\d s  x: stopped\n", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("done", "unit", "seconds", "said"),
    [
        (0, "bytes", 1.0, ""),
        (999, "bytes", 1.0, "999 B, 999 B/s"),
        (55_000_000, "bytes", 0.5, "55.0 MB, 110.0 MB/s"),
        (3209, "files", 10.0, "3209 files, 321 files/s"),
        (1, "files", 0.0, "1 file, 0 files/s"),
    ],
)
def test_an_amount_has_its_rate(done: int, unit: str, seconds: float, said: str) -> None:
    assert amount_of(done, unit, seconds) == said  # type: ignore[arg-type]


def test_a_program_without_stderr_gets_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert progress_for_terminal() is SILENT


@pytest.fixture
def command(tmp_path: Path, no_settings: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A build of one small wheel."""
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "cache"))
    make_wheel(tmp_path / "house", "one")
    lock = tmp_path / "lock.txt"
    lock.write_text(f"--no-index\n--find-links {tmp_path / 'house'}\none==1.0\n")
    return ["layer", str(lock), "--python", "3.12", "--output", str(tmp_path / "out")]


def test_a_quiet_build_says_nothing_and_the_next_says_its_answer(
    command: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([*command, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert list((tmp_path / "out").glob("*.zip"))
    assert main(command) == 0
    assert ".zip\n" in capsys.readouterr().out


def test_a_quiet_build_gives_programs_what_they_ask_for(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--quiet", "--json"]) == 0
    out, err = capsys.readouterr()
    assert '"digest"' in out
    assert err == ""


def test_a_quiet_failure_is_told(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command[0], "none.txt", *command[2:], "--quiet"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")


def test_a_verbose_build_tells_its_steps_on_stderr(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--verbose"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("  one  1.0\n")
    steps = [line.split("  ")[-1].partition(":")[0] for line in err.splitlines()]
    assert steps[0] == "reading the lock"
    assert {"downloading wheels", "writing the layer", "writing the bill of materials"} <= set(steps)
    assert steps[-1] == "in all"


def test_quiet_and_verbose_exclude_each_other(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--quiet", "--verbose"]) == 2
    assert "not allowed with argument --quiet" in capsys.readouterr().err
