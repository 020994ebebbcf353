"""What a person sees of long work, and what a pipe sees."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from build.progress import SILENT, progress_for_terminal

ROOT = Path(__file__).parents[2]
CODE = """
import sys
from build.progress import progress_for_terminal
with progress_for_terminal().stage("downloading wheels", total=4_000_000, unit="bytes") as stage:
    stage.advance(1_000_000)
    stage.expect(1_000_000)
    stage.advance(4_000_000)
print("rich" in sys.modules)
"""


def on_terminal(**environ: str) -> tuple[str, str]:
    """Runs CODE with a terminal as stderr; gives stdout and what the terminal got."""
    master, slave = pty.openpty()
    environ = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environ}
    done = subprocess.run(
        [sys.executable, "-c", CODE], stdout=subprocess.PIPE, stderr=slave, env=environ, check=True
    )
    os.close(slave)
    seen = b""
    try:
        while piece := os.read(master, 4096):
            seen += piece
    except OSError:
        pass  # a terminal whose other end is closed ends so on Linux
    finally:
        os.close(master)
    return done.stdout.decode(), seen.decode()


def test_a_terminal_gets_bars() -> None:
    stdout, seen = on_terminal()
    assert stdout == "True\n"
    assert "downloading wheels" in seen
    assert "MB" in seen


def test_no_color_is_honoured() -> None:
    _, seen = on_terminal(NO_COLOR="1")
    assert "downloading wheels" in seen
    assert "\x1b[38" not in seen
    assert "\x1b[3" not in seen


def test_a_terminal_that_cannot_draw_gets_nothing() -> None:
    assert on_terminal(TERM="dumb") == ("False\n", "")


def test_a_pipe_gets_nothing_and_rich_is_not_loaded() -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, env=environ, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_a_program_without_stderr_gets_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert progress_for_terminal() is SILENT
