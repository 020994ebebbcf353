"""Starts processes through the zygote, with as much of `subprocess.Popen` as its users need."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "LAMINA_WORLD_ZYGOTE"
# The folder where `tests.world.engine` leaves the process ids of what it starts.
PIDS = "LAMINA_WORLD_PIDS"
_PATIENCE_SECONDS = 60.0
_NO_CODE_YET = -1000


class Forked:
    """A process that the zygote forked."""

    def __init__(self, connection: socket.socket, args: Sequence[str], stdout: Any) -> None:
        self.args = args
        self.stdout = stdout
        self.returncode: int | None = None
        self._connection = connection
        self.pid = int(self._line())

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, negative after a signal."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                self.returncode = int(self._line())
            except (BlockingIOError, TimeoutError):
                raise subprocess.TimeoutExpired(list(self.args), timeout or 0) from None
            self._connection.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal, unless it is known to have ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Sends SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Sends SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _line(self) -> str:
        # The zygote writes a line at once, and one line at a time; without one it has itself ended.
        return self._connection.recv(64).decode().strip() or str(_NO_CODE_YET)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.wait()
        if self.stdout is not None:
            self.stdout.close()


def popen(
    command: Sequence[str],
    *,
    cwd: Path | str,
    env: Mapping[str, str],
    pass_fds: Sequence[int] = (),
    stdin: Any = None,
    stdout: Any = None,
    stderr: Any = None,
    errors: str | None = None,
    **_: Any,
) -> Forked:
    """What `subprocess.Popen` does for `PYTHON [-u] -m MODULE ARGUMENT...`, by the zygote."""
    module, *arguments = command[command.index("-m") + 1 :]
    with contextlib.ExitStack() as files:
        reading: Any = None
        if stdin is subprocess.DEVNULL or stdin is None:
            stdin = files.enter_context(Path(os.devnull).open("rb"))
        if stdout is subprocess.PIPE:
            ours, theirs = os.pipe()
            reading = io.open(ours, encoding="utf-8", errors=errors)  # noqa: SIM115, UP020
            stdout = files.enter_context(os.fdopen(theirs, "wb"))
        stdout = sys.__stdout__ if stdout is None else stdout
        stderr = sys.__stderr__ if stderr is None else stdout if stderr is subprocess.STDOUT else stderr
        request = {
            "module": module,
            "arguments": arguments,
            "cwd": str(cwd),
            "env": dict(env),
            "fds": [0, 1, 2, *pass_fds],
        }
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(os.environ[VARIABLE])
        sent = [stdin.fileno(), stdout.fileno(), stderr.fileno(), *pass_fds]
        text = json.dumps(request).encode() + b"\n"
        begun = socket.send_fds(connection, [text], sent)
        connection.sendall(text[begun:])
        return Forked(connection, command, reading)


@contextlib.contextmanager
def zygote() -> Iterator[None]:
    """Starts the process that all others are forked from; `popen` finds it by the environment."""
    with tempfile.TemporaryDirectory(prefix="lamina-zygote-") as folder:
        address = Path(folder, "socket")
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.world.zygote", str(address)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            _wait_for(address, process)
            before = os.environ.get(VARIABLE)
            os.environ[VARIABLE] = str(address)
            try:
                yield
            finally:
                os.environ.pop(VARIABLE)
                os.environ.update({} if before is None else {VARIABLE: before})
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(_PATIENCE_SECONDS)


def _wait_for(address: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not address.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"the zygote did not start (exit code {process.returncode})")
        time.sleep(0.01)
