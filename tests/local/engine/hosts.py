"""Processes for programs, forked from one that has loaded Pulumi's SDK: loading it takes most of a short run.

tests/local/engine/test_processes.py starts whole engines, and so the processes that users have.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["pulumi"])


class Forked:
    """As much of `subprocess.Popen` as the engine uses."""

    def __init__(self, cwd: Path, env: Mapping[str, str]) -> None:
        reading, writing = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_host, args=(str(cwd), dict(env), writing), daemon=True)
        self._process.start()
        writing.close()
        self.stdout = os.fdopen(os.dup(reading.fileno()), errors="replace")
        reading.close()

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired("the program", timeout or 0)
        return code

    def kill(self) -> None:
        self._process.kill()


@contextlib.contextmanager
def forked(module: str, *, cwd: Path, env: Mapping[str, str], **_: Any) -> Iterator[Forked]:
    """Stands in for `local.engine.guard.guarded`, for programs."""
    assert module == "local.engine.host"
    process = Forked(cwd, env)
    try:
        yield process
    finally:
        process.stdout.close()


def _host(cwd: str, env: dict[str, str], out: Connection[Any, Any]) -> None:
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.path.insert(0, cwd)
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        os.dup2(out.fileno(), number)
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(write_through=True)
    out.close()
    from local.engine import host

    sys.exit(host.main())
