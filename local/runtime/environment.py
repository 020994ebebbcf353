"""One environment: an isolated process with its Runtime API, its log file and its scratch folder."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from .archive import remove_tree
from .deployment import Deployment, InvocationResult
from .environ import Places, variables
from .exchange import Exchange, Invocation
from .outcome import Outcome, exited, log_events, timed_out
from .platform_log import Figures, platform_log
from .runtime_api import RuntimeApi

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
INIT_SECONDS = 10  # AWS docs, "Understanding the Lambda execution environment lifecycle", "Init phase"
SETTLE_SECONDS = 10
MAX_LOG_FILE = 64 << 20


class EndedError(Exception):
    """A warm environment ended between two invocations; another one has to take over."""


class Environment:
    """Starts the process at once; use from one thread at a time, except for `end`.

    Args:
        deployment: what it runs.
        places: its folders; the scratch folder's parent is removed with the environment.
        endpoint: the URL of the embedded AWS.
    """

    def __init__(self, deployment: Deployment, places: Places, endpoint: str) -> None:
        self.deployment = deployment
        self.retired = False
        self.idle_since = 0.0
        self.places = places
        self._log = platform_log(deployment.log_format)
        self._exchange = Exchange()
        self._api = RuntimeApi(self._exchange)
        now = dt.datetime.now(dt.UTC)
        self.log_stream = f"{now:%Y/%m/%d}/[{deployment.version}]{secrets.token_hex(16)}"
        places.scratch.mkdir(parents=True)
        self._log_file = places.scratch.with_name("log")
        self._log_read = 0
        self._started = time.monotonic()
        self._cold = True
        self._peak = 0
        try:
            self._process = self._start(endpoint)
        except BaseException:
            self._api.stop()
            remove_tree(places.scratch.parent)
            raise
        threading.Thread(target=self._watch, name="environment", daemon=True).start()

    def invoke(
        self, event: bytes, *, request_id: str, invoked_arn: str, client_context: str | None
    ) -> InvocationResult:
        """Runs one invocation.

        Args:
            event: the payload.
            request_id: its id.
            invoked_arn: what was invoked, with its qualifier.
            client_context: as JSON, or None.

        Returns:
            What came of it.

        Raises:
            EndedError: the process ended since the last invocation; nothing was run.
        """
        cold, self._cold = self._cold, False
        timeout = self.deployment.timeout
        init_end = self._started + INIT_SECONDS
        ready = self._exchange.wait_until_ready(
            init_end + timeout if cold else time.monotonic() + SETTLE_SECONDS
        )
        begun = time.monotonic()
        if not ready and not cold:
            self.end()
            raise EndedError
        events = [self._log.init_start(self.deployment.runtime), *self._written()] if cold else []
        events.append(self._log.start(request_id, self.deployment.version))
        if ready:
            left = timeout - max(0.0, begun - init_end) if cold else timeout
            invocation = Invocation(
                request_id=request_id,
                event=event,
                deadline=int((time.time() + left) * 1000),
                arn=invoked_arn,
                trace_id=_trace_id(),
                client_context=client_context,
            )
            self._memory_used()
            self._exchange.submit(invocation)
            outcome = self._outcome(request_id, begun + left)
        else:
            outcome = self._failed_start(request_id)
        init = (begun - self._started) * 1000 if cold and ready else None
        return self._result(request_id, outcome, events, (time.monotonic() - begun) * 1000, init)

    @property
    def ended(self) -> bool:
        """Whether the process is gone, or about to be."""
        return self.retired or self._exchange.returncode is not None

    def end(self) -> None:
        """Kills the process with everything that it started, and removes its folder; may be called again."""
        self.retired = True
        self._kill()
        self._process.wait()
        self._api.stop()
        remove_tree(self.places.scratch.parent)

    def _start(self, endpoint: str) -> subprocess.Popen[bytes]:
        places = self.places
        alive, self._lifeline = os.pipe()
        try:
            with self._log_file.open("ab") as log:
                settings = {
                    "task": str(places.task),
                    "opt": str(places.opt),
                    "libraries": str(places.libraries),
                    "bytecode": str(places.bytecode),
                    "lifeline": alive,
                }
                # The interpreter itself, not the virtual environment's link to it: what a function starts
                # with `sys.executable` must not find our packages either.
                return subprocess.Popen(
                    [Path(sys.executable).resolve(), "-S", "-I", BOOTSTRAP, json.dumps(settings)],
                    cwd=places.task,
                    env=variables(
                        self.deployment,
                        places,
                        endpoint=endpoint,
                        runtime_api=self._api.address,
                        log_stream=self.log_stream,
                        log_fd=log.fileno(),
                    ),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(alive, log.fileno()),
                    start_new_session=True,
                )
        except BaseException:
            os.close(self._lifeline)
            raise
        finally:
            os.close(alive)

    def _watch(self) -> None:
        returncode = self._process.wait()
        os.close(self._lifeline)
        self._exchange.process_ended(returncode)

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _failed_start(self, request_id: str) -> Outcome:
        if self._exchange.init_error is not None:
            return self._exchange.init_error
        return self._interrupted(request_id)

    def _outcome(self, request_id: str, until: float) -> Outcome:
        return self._exchange.wait_for_outcome(until) or self._interrupted(request_id)

    def _interrupted(self, request_id: str) -> Outcome:
        if self._exchange.returncode is not None:
            return exited(request_id, self._exchange.returncode)
        self._memory_used()
        self._kill()
        return timed_out(request_id, self.deployment.timeout, dt.datetime.now(dt.UTC))

    def _result(
        self, request_id: str, outcome: Outcome, events: list[str], milliseconds: float, init: float | None
    ) -> InvocationResult:
        figures = Figures(
            milliseconds=milliseconds, memory=self.deployment.memory, used=self._memory_used(), init=init
        )
        if outcome.fatal:
            self.retired = True
        events += [
            *self._written(),
            *outcome.lines,
            *self._log.end(request_id, outcome, figures),
        ]
        return InvocationResult(
            payload=outcome.payload,
            error=None if outcome.error is None else "Unhandled",
            events=tuple(events),
            log_stream=self.log_stream,
            request_id=request_id,
        )

    def _written(self) -> Iterator[str]:
        """Gives what was logged since the last call; in order, since every writer appends to one file."""
        try:
            with self._log_file.open("rb") as log:
                log.seek(self._log_read)
                written = log.read()
        except FileNotFoundError:
            # `end` removed it while this invocation ran.
            return log_events(b"")
        self._log_read += len(written)
        if self._log_read > MAX_LOG_FILE:
            with contextlib.suppress(FileNotFoundError):
                os.truncate(self._log_file, 0)
            self._log_read = 0
        return log_events(written)

    def _memory_used(self) -> int:
        """Gives the peak seen so far in MB, where the system tells it (Linux), else 0."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return self._peak
        peak = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
        self._peak = max(self._peak, int(peak.split()[1]) // 1024)
        return self._peak


def _trace_id() -> str:
    """Gives a trace header that asks for no sampling (AWS docs, "X-Ray concepts", "Tracing header")."""
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0"
