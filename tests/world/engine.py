"""`python -m tests.world.engine VERB ...`: the stand-in engine, which starts its processes by the zygote.

`LAMINA_WORLD_DIES_AT_SAVE=N` kills it (SIGKILL) as it is about to save the state for the Nth time, and
`LAMINA_WORLD_COUNTS_SAVES=FILE` leaves the number of saves in a file.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local.engine import guard, storage
from local.engine.cli import main

from .processes import PIDS, Forked, popen

DIES = "LAMINA_WORLD_DIES_AT_SAVE"
COUNTS = "LAMINA_WORLD_COUNTS_SAVES"


def _watch_saves() -> None:
    """Counts the saves, and dies at the one that the environment names."""
    nth, counted = int(os.environ.get(DIES, "0")), os.environ.get(COUNTS)
    saved = storage.Storage.save
    count = 0

    def save(*given: Any) -> None:
        nonlocal count
        count += 1
        if count == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        if counted is not None:
            Path(counted).write_text(str(count))
        saved(*given)

    changed: Any = storage.Storage
    changed.save = save


def _noted(command: Sequence[str], **options: Any) -> Forked:
    """Starts a process, and leaves its id under its module's name in the folder that `PIDS` says."""
    process = popen(command, **options)
    Path(os.environ[PIDS], command[-1]).write_text(str(process.pid))
    return process


if __name__ == "__main__":
    own: Any = types.SimpleNamespace(Popen=_noted, DEVNULL=subprocess.DEVNULL)
    guard.subprocess = own  # type: ignore[attr-defined]
    _watch_saves()
    sys.exit(main(sys.argv[1:]))
