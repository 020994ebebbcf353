"""The environments of all functions: kept warm, started when none is free, ended when idle."""

from __future__ import annotations

import threading
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from . import libraries
from .archive import prune, remove_tree, unpack
from .deployment import Deployment, InvocationResult, refusal
from .environ import Places
from .environment import EndedError, Environment
from .errors import PayloadTooLargeError, ThrottledError, UnsupportedDeploymentError

MAX_EVENT = 6 * 1024 * 1024  # AWS docs, "Lambda quotas", "Invocation payload"
MAX_ENVIRONMENTS = 10
IDLE_SECONDS = 60.0
PATIENCE_SECONDS = 60.0
KEPT_TREES = 4  # besides those in use; a layer can have 250 MB


class Runtimes:
    """Runs invocations; safe to use from any number of threads.

    Args:
        folder: its own, for unpacked archives and the environments' /tmp; made anew, and removed by `close`.
        endpoint: the URL of the embedded AWS, which becomes the functions' `AWS_ENDPOINT_URL`.
        limit: how many environments there may be at once; further invocations wait.
        idle_seconds: after how much idleness an environment ends.
        patience_seconds: how long an invocation waits for an environment.
    """

    def __init__(
        self,
        folder: Path,
        endpoint: str,
        *,
        limit: int = MAX_ENVIRONMENTS,
        idle_seconds: float = IDLE_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._folder = folder.absolute()
        self._endpoint = endpoint
        self._limit = limit
        self._idle_seconds = idle_seconds
        self._patience = patience_seconds
        self._changed = threading.Condition()
        self._unpacking = threading.Lock()
        self._idle: list[Environment] = []
        self._busy: list[Environment] = []
        self._starting = 0
        self._closed = False
        self._reaper: threading.Thread | None = None
        remove_tree(self._folder)

    def invoke(
        self,
        deployment: Deployment,
        event: bytes,
        *,
        invoked_arn: str | None = None,
        request_id: str | None = None,
        client_context: str | None = None,
    ) -> InvocationResult:
        """Runs one invocation to its end, in a warm environment if there is one.

        Args:
            deployment: what to run.
            event: the payload, as JSON.
            invoked_arn: the ARN as the caller gave it, with its qualifier; by default the deployment's.
            request_id: the id of the request; by default a new one.
            client_context: the caller's client context as JSON (`X-Amz-Client-Context`, decoded).

        Returns:
            The answer or the error of the function's code, and its log.

        Raises:
            UnsupportedDeploymentError: the function is for another Python or architecture, or wants a
                wrapper.
            UnusableArchiveError: code or layer cannot be unpacked.
            PayloadTooLargeError: the event is over 6 MB.
            ThrottledError: every environment stayed busy, or this was closed.
        """
        _check(deployment, event)
        while True:
            environment = self._acquire(deployment)
            try:
                return environment.invoke(
                    event,
                    request_id=request_id or str(uuid.uuid4()),
                    invoked_arn=invoked_arn or deployment.function_arn,
                    client_context=client_context,
                )
            except EndedError:
                continue
            finally:
                self._release(environment)

    def forget(self, key: str) -> None:
        """Ends the idle environments of a deployment; busy ones finish their invocation and then end.

        Args:
            key: `Deployment.key`; one that is unknown is no error.
        """
        with self._changed:
            gone = [environment for environment in self._idle if environment.deployment.key == key]
            self._idle = [environment for environment in self._idle if environment not in gone]
            for environment in self._busy:
                if environment.deployment.key == key:
                    environment.retired = True
            self._changed.notify_all()
        for environment in gone:
            environment.end()

    def close(self) -> None:
        """Ends every environment with all its processes and removes the folder; no invocation can follow."""
        with self._changed:
            self._closed = True
            gone, self._idle = [*self._idle, *self._busy], []
            self._changed.notify_all()
        for environment in gone:
            environment.end()
        with self._changed:
            self._changed.wait_for(lambda: not self._busy and not self._starting, timeout=self._patience)
        if self._reaper is not None:
            self._reaper.join()
        remove_tree(self._folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _acquire(self, deployment: Deployment) -> Environment:
        until = time.monotonic() + self._patience
        with self._changed:
            while True:
                if self._closed:
                    raise ThrottledError(f"{deployment.function_name}: the local Lambda runtime was closed")
                if warm := self._take_warm(deployment.key):
                    return warm
                if len(self._idle) + len(self._busy) + self._starting < self._limit:
                    self._starting += 1
                    evicted = None
                    break
                if self._idle:
                    evicted = self._idle.pop(0)
                    self._starting += 1
                    break
                if not self._changed.wait(until - time.monotonic()):
                    raise ThrottledError(
                        f"{deployment.function_name}: all {self._limit} environments of the local Lambda "
                        f"runtime were busy for {self._patience:g} seconds"
                    )
        return self._begin(deployment, evicted)

    def _take_warm(self, key: str) -> Environment | None:
        for environment in reversed(self._idle):
            if environment.deployment.key == key and not environment.ended:
                self._idle.remove(environment)
                self._busy.append(environment)
                return environment
        return None

    def _begin(self, deployment: Deployment, evicted: Environment | None) -> Environment:
        environment = None
        try:
            if evicted is not None:
                evicted.end()
            with self._unpacking:
                environment = Environment(deployment, self._places(deployment), self._endpoint)
                self._started(environment)
                self._prune()
            if self._closed:
                environment.end()
        except BaseException:
            if environment is None:
                self._started(None)
            raise
        return environment

    def _started(self, environment: Environment | None) -> None:
        with self._changed:
            self._starting -= 1
            if environment is not None:
                environment.retired = self._closed
                self._busy.append(environment)
            self._changed.notify_all()

    def _release(self, environment: Environment) -> None:
        with self._changed:
            keep = not environment.ended and not self._closed
            if keep:
                environment.idle_since = time.monotonic()
                self._busy.remove(environment)
                self._idle.append(environment)
                self._start_reaper()
                self._changed.notify_all()
        if keep:
            return
        environment.end()
        with self._changed:
            self._busy.remove(environment)
            self._changed.notify_all()

    def _places(self, deployment: Deployment) -> Places:
        return Places(
            task=unpack([deployment.code_zip], self._folder / "task"),
            opt=unpack(deployment.layer_zips, self._folder / "opt"),
            libraries=libraries.provide(self._folder / "libraries"),
            bytecode=self._folder / "bytecode",
            scratch=self._folder / "environments" / uuid.uuid4().hex / "tmp",
        )

    def _prune(self) -> None:
        with self._changed:
            places = [environment.places for environment in (*self._idle, *self._busy)]
        in_use = {place.task for place in places} | {place.opt for place in places}
        for kind in ("task", "opt"):
            for tree in prune(self._folder / kind, in_use=in_use, keep=KEPT_TREES):
                # sys.pycache_prefix mirrors absolute paths below it.
                remove_tree(self._folder / "bytecode" / tree.relative_to(tree.anchor))

    def _start_reaper(self) -> None:
        if self._reaper is None:
            self._reaper = threading.Thread(target=self._reap, name="environments-reaper", daemon=True)
            self._reaper.start()

    def _reap(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                now = time.monotonic()
                gone = [
                    environment
                    for environment in self._idle
                    if environment.ended or now - environment.idle_since >= self._idle_seconds
                ]
                self._idle = [environment for environment in self._idle if environment not in gone]
                if not gone:
                    oldest = min((environment.idle_since for environment in self._idle), default=None)
                    self._changed.wait(None if oldest is None else oldest + self._idle_seconds - now)
                    continue
                self._changed.notify_all()
            for environment in gone:
                environment.end()


def _check(deployment: Deployment, event: bytes) -> None:
    reason = refusal(deployment.runtime, deployment.architecture)
    if reason is not None:
        raise UnsupportedDeploymentError(f"{deployment.function_name}: {reason}")
    if "AWS_LAMBDA_EXEC_WRAPPER" in deployment.environment:
        raise UnsupportedDeploymentError(
            f"{deployment.function_name}: the local Lambda runtime starts no wrapper; remove "
            "AWS_LAMBDA_EXEC_WRAPPER from the function's environment"
        )
    if len(event) > MAX_EVENT:
        raise PayloadTooLargeError(
            f"{deployment.function_name}: the event has {len(event)} bytes, Lambda takes at most {MAX_EVENT}"
        )
