"""`python -m tests.world.engine VERB ...`: the stand-in engine, which starts its processes by the zygote.

`LAMINA_WORLD_DIES_AT_SAVE=N` kills it (SIGKILL) as it is about to save the state for the Nth time, and
`LAMINA_WORLD_INTERRUPTED_AT_SAVE=N` sends it Ctrl-C then.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import types
from typing import Any

from local.engine import guard, storage
from local.engine.cli import main

from .processes import popen

DIES = "LAMINA_WORLD_DIES_AT_SAVE"
INTERRUPTED = "LAMINA_WORLD_INTERRUPTED_AT_SAVE"


def _signal_at_save(number: int, nth: int) -> None:
    """Sends this process a signal as it begins its Nth save."""
    saved = storage.Storage.save
    count = 0

    def save(*given: Any) -> None:
        nonlocal count
        count += 1
        if count == nth:
            os.kill(os.getpid(), number)
        saved(*given)

    changed: Any = storage.Storage
    changed.save = save


if __name__ == "__main__":
    own: Any = types.SimpleNamespace(Popen=popen, DEVNULL=subprocess.DEVNULL)
    guard.subprocess = own  # type: ignore[attr-defined]
    for variable, number in ((DIES, signal.SIGKILL), (INTERRUPTED, signal.SIGINT)):
        if variable in os.environ:
            _signal_at_save(number, int(os.environ[variable]))
    sys.exit(main(sys.argv[1:]))
