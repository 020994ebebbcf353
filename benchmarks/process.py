"""One process, measured whole and from outside: wall time and peak memory, as the system counts them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class ProcessError(Exception):
    """A measured command failed; the message has its name and the end of what it said."""


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process.

    Attributes:
        seconds: wall time.
        peak: the resident memory of its largest process at its largest, in bytes.
    """

    seconds: float
    peak: int


def measured(
    command: Sequence[str], *, cwd: Path, environment: Mapping[str, str], log: Path, stdin: bytes = b""
) -> Run:
    """Runs a command to its end.

    Args:
        command: with its arguments.
        cwd: where it runs.
        environment: its whole environment.
        log: takes what it says.
        stdin: what it is given there.

    Raises:
        ProcessError: it cannot be started, or exits with another code than 0.
    """
    given = log.with_name(f"{log.name}.stdin")
    given.write_bytes(stdin)
    with log.open("wb") as out, given.open("rb") as source:
        begin = time.perf_counter()
        try:
            process = subprocess.Popen(
                command, cwd=cwd, env=dict(environment), stdin=source, stdout=out, stderr=out
            )
        except OSError as error:
            raise ProcessError(f"{command[0]}: {error.strerror}") from error
        # wait4 reports this one child; getrusage would report the largest of all children so far.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        said = " ".join(log.read_text(errors="replace").split())[-300:]
        raise ProcessError(f"{' '.join(command)[:200]} exited with {process.returncode}: {said}")
    return Run(seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
