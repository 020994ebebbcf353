"""Running uv: its answer, or its error on one line without credentials."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import uv

from ..errors import FailureError
from ..redaction import redacted


class UvError(Exception):
    """uv said no; the text is its reason."""


def run_uv(arguments: Sequence[str], environ: Mapping[str, str], *, folder: Path | None = None) -> str:
    """Runs uv and gives what it prints.

    Args:
        arguments: its command and options.
        environ: the environment that it runs in.
        folder: the one that it runs in; this process' own unless given.

    Raises:
        UvError: it ended with an error.
        FailureError: it is not installed.
    """
    try:
        command = [uv.find_uv_bin(), *arguments, "--no-progress", "--color", "never"]
    except FileNotFoundError as error:
        raise FailureError(f"uv is not installed beside {sys.executable}") from error
    done = subprocess.run(
        command, env=dict(environ), cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode == 0:
        return done.stdout.decode()
    raise UvError(_condensed(done.stderr.decode(errors="replace")))


def _condensed(text: str) -> str:
    """The error that uv draws over several lines, on one."""
    lines = [line for line in text.splitlines() if not line.startswith("warning:")]
    sentences = re.sub(r"\.?\s*\n\s*(?:cause|hint):\s*", ": ", "\n".join(lines).removeprefix("error: "))
    return redacted(" ".join(sentences.split())) or "uv says nothing about why"
