"""Processes in no time: forked from one that has the SDKs loaded, and then run as `python -m MODULE` runs.

`python -m tests.world.zygote SOCKET` serves requests on a Unix socket. A request is one line of JSON:
`module`, `arguments`, `cwd`, `env`, and `fds`, the numbers that the descriptors sent along shall have in the
process. The answer is the process id, and, on the same connection, the exit code once it has ended.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PRELOADED = (
    "boto3",
    "build.index.download",
    "build.index.indexes",
    "build.lock.pinning",
    "build.report.sbom",
    "build.verify.probe",
    "components.alarms",
    "components.bucket",
    "components.function",
    "components.http_api",
    "components.layer",
    "components.queue_worker",
    "components.release",
    "components.schedule",
    "components.settings",
    "components.work_queue",
    "grpc._interceptor",
    "grpc._server",
    "grpc.experimental",
    "local.aws.server",
    "local.engine.cli",
    "local.engine.host",
    "local.provider.__main__",
    # Seconds, for the sake of a grammar that it never uses; every AWS that starts would load it anew.
    "moto.apigateway.urls",
    "moto.apigatewayv2.urls",
    "moto.cloudwatch.urls",
    "moto.events.urls",
    "moto.iam.urls",
    "moto.logs.urls",
    "moto.s3.urls",
    "moto.s3bucket_path",
    "moto.sqs.urls",
    "moto.sts.urls",
    "pulumi_aws.apigatewayv2",
    "pulumi_aws.cloudwatch",
    "pulumi_aws.iam",
    "pulumi_aws.lambda_",
    "pulumi_aws.s3",
    "pulumi_aws.sqs.queue",
)
MOST_FDS = 16
LARGEST_REQUEST = 1 << 20
# Descriptors are kept above this number while those below are closed.
_HIGH = 500


@dataclass(frozen=True, slots=True)
class _Request:
    """One process to start."""

    module: str
    arguments: list[str]
    cwd: str
    env: dict[str, str]
    fds: list[int]


def main(address: str) -> int:
    """Serves until SIGTERM, or until the process that started this one has ended."""
    for name in PRELOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        temporary = f"{address}.new"
        listener.bind(temporary)
        listener.listen(64)
        # Whoever waits for the socket to appear finds one that listens.
        Path(temporary).rename(address)
        return _serve(listener)


def _serve(listener: socket.socket) -> int:
    waking, woken = socket.socketpair()
    waking.setblocking(False)
    woken.setblocking(False)
    signal.set_wakeup_fd(woken.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(waking, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is sys.stdin:
                    # Also where whoever started this was killed: nothing of it is to stay.
                    for pid in running:
                        os.kill(pid, signal.SIGKILL)
                    return 0
                if key.fileobj is listener:
                    connection, _ = listener.accept()
                    request, fds = _received(connection)
                    pid = os.fork()
                    if pid == 0:
                        signal.set_wakeup_fd(-1)
                        _become(request, fds)
                    for fd in fds:
                        os.close(fd)
                    running[pid] = connection
                    connection.sendall(f"{pid}\n".encode())
                else:
                    with contextlib.suppress(BlockingIOError):
                        waking.recv(4096)
            _tell_ended(running)


def _received(connection: socket.socket) -> tuple[_Request, list[int]]:
    text, fds, _, _ = socket.recv_fds(connection, LARGEST_REQUEST, MOST_FDS)
    while not text.endswith(b"\n"):
        text += connection.recv(LARGEST_REQUEST)
    return _Request(**json.loads(text)), fds


def _tell_ended(running: dict[int, socket.socket]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with running.pop(pid) as connection, contextlib.suppress(OSError):
            connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _become(request: _Request, fds: list[int]) -> None:
    """Runs the module in this process, and ends it."""
    code = 1
    try:
        os.setsid()
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, _HIGH) for fd in fds]
        os.closerange(3, _HIGH)
        for fd, number in zip(high, request.fds, strict=True):
            os.dup2(fd, number)
            os.close(fd)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        code = _run(request)
    except BaseException:  # noqa: BLE001  (nothing of this process may run on as its parent)
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def _run(request: _Request) -> int:
    os.environ.clear()
    os.environ.update(request.env)
    os.chdir(request.cwd)
    stdout: Any = sys.stdout
    stdout.reconfigure(line_buffering=True, write_through=True)
    sys.path[0] = request.cwd
    sys.argv = [request.module, *request.arguments]
    # What runs as `__main__` must not be there under its own name already; nor what the guard runs.
    for name in (request.module, *request.arguments[:1]):
        sys.modules.pop(name, None)
        sys.modules.pop(f"{name}.__main__", None)
    try:
        runpy.run_module(request.module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if isinstance(ended.code, str):
            sys.stderr.write(f"{ended.code}\n")
            return 1
        return ended.code or 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
