"""Ends a process with the engine, however that ends: `python -m local.engine.guard MODULE ARGUMENTS`."""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# The number of the pipe whose other end the engine holds: it closes when the engine ends.
_VARIABLE = "LAMINA_ENGINE_PIPE"


@contextlib.contextmanager
def guarded(
    module: str, *arguments: str, cwd: Path, env: Mapping[str, str], **options: Any
) -> Iterator[subprocess.Popen[str]]:
    """Starts a module of Python in a process that ends when this one does, also when this one is killed.

    Args:
        module: its name; or the path of a folder with a `__main__.py`.
        arguments: for it.
        cwd: the folder to run it in.
        env: its environment.
        options: what else `subprocess.Popen` takes.

    Yields:
        The process; who uses it ends it.
    """
    reading, writing = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", __name__, module, *arguments],
            cwd=cwd,
            env={**env, _VARIABLE: str(reading)},
            pass_fds=[reading],
            stdin=subprocess.DEVNULL,
            text=True,
            # Ctrl-C is for the engine, which still needs the process to end what is under way.
            start_new_session=True,
            **options,
        )
    finally:
        os.close(reading)
    try:
        yield process
    finally:
        os.close(writing)
        if process.stdout:
            process.stdout.close()


def main() -> None:
    """Runs the module or the folder that is named as the first argument."""
    pipe = int(os.environ.pop(_VARIABLE))
    threading.Thread(target=_wait, args=(pipe,), daemon=True).start()
    del sys.argv[0]
    if os.sep in sys.argv[0]:
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _wait(pipe: int) -> None:
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
