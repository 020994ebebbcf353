"""Invocations: which version a qualifier stands for, and running it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from local import limits
from local.runtime.deployment import InvocationResult
from local.runtime.errors import LocalRuntimeError, PayloadTooLargeError, ThrottledError, UnusableArchiveError
from local.runtime.pool import Runtimes

from .async_event import AsyncEvent, Attempt
from .asynchronous import AsyncInvocations
from .errors import LambdaError, conflict
from .invocation_target import Target, deployment_of
from .logs import write_log
from .store import Region, Store
from .versions import find_function, find_version

Answer = dict[str, Any]


class Invoker:
    """Runs invocations.

    Args:
        store: where functions are; its lock is not held while a function runs.
        runtimes: what runs them.
        draw: gives a number from 0 to 1, for aliases with weights.
        scale: how much of AWS's waits asynchronous invocations wait before they are tried again.
    """

    def __init__(
        self,
        store: Store,
        runtimes: Runtimes,
        *,
        draw: Callable[[], float],
        scale: float = 1.0,
    ) -> None:
        self._store = store
        self._runtimes = runtimes
        self._draw = draw
        self._events = AsyncInvocations(store, self.run, scale)

    def invoke(
        self,
        region: Region,
        *,
        function_name: str,
        payload: bytes,
        qualifier: str | None = None,
        invocation_type: str = "RequestResponse",
        log_type: str = "None",
        client_context: str | None = None,
    ) -> Answer:
        """Invoke: waits for the answer, or queues the event, or (`DryRun`) only checks."""
        target = self.resolve(region, function_name, qualifier)
        event = payload or b"{}"
        _check_payload(event, invocation_type)
        if invocation_type == "DryRun":
            return {"StatusCode": 204, "ExecutedVersion": target.version.number}
        if invocation_type == "Event":
            self._queue(target, event)
            return {"StatusCode": 202, "Payload": b""}
        result = self._run(target, event, client_context=_context(client_context))
        log = base64.b64encode(result.log[-limits.LOG_TAIL :]).decode() if log_type == "Tail" else None
        return {
            "StatusCode": 200,
            "FunctionError": result.error,
            "LogResult": log,
            "ExecutedVersion": target.version.number,
            "Payload": result.payload,
        }

    def send(self, region: Region, arn: str, event: bytes) -> Future[Attempt]:
        """Queues an event, as `Invoke` does for the type `Event`.

        Args:
            region: where the function is.
            arn: of the function, perhaps with a qualifier.
            event: JSON.

        Returns:
            How the first attempt ends.

        Raises:
            LambdaError: there is no such function, or the event is too large.
        """
        _check_payload(event, "Event")
        return self._queue(self.resolve(region, arn), event)

    def run(
        self, region: Region, arn: str, event: bytes, *, request_id: str | None = None
    ) -> tuple[str, InvocationResult]:
        """Invokes a function and waits for its answer.

        Args:
            region: where it is.
            arn: of the function, perhaps with a qualifier.
            event: JSON.
            request_id: of the request; by default a new one.

        Returns:
            The version that ran, and what it answered.

        Raises:
            LambdaError: it cannot be invoked.
        """
        target = self.resolve(region, arn)
        return target.version.number, self._run(target, event, request_id=request_id)

    def resolve(self, region: Region, given: str, qualifier: str | None = None) -> Target:
        """Finds what an invocation runs; an alias with weights is drawn for.

        Raises:
            LambdaError: there is no such function, version or alias, or it is still being created.
        """
        with self._store.lock:
            function, found = find_function(region, given, qualifier)
            version = find_version(region, function, found)
            alias = function.aliases.get(found or "")
            for number, share in alias.weights.items() if alias else ():
                if self._draw() < share:
                    version = find_version(region, function, number)
            if region.tools.clock() < version.usable_from:
                raise conflict(
                    "The operation cannot be performed at this time. "
                    "The function is currently in the following state: Pending"
                )
            return Target(region, function, version, found)

    def close(self) -> None:
        """Ends the queue of events and every environment."""
        self._events.close()
        self._runtimes.close()

    def _queue(self, target: Target, event: bytes) -> Future[Attempt]:
        tools = target.region.tools
        return self._events.put(
            AsyncEvent(target.region, target.invoked_arn, event, tools.new_id(), tools.clock())
        )

    def _run(
        self,
        target: Target,
        event: bytes,
        *,
        request_id: str | None = None,
        client_context: str | None = None,
    ) -> InvocationResult:
        deployment = deployment_of(target)
        try:
            with self._slot(target):
                result = self._runtimes.invoke(
                    deployment,
                    event,
                    invoked_arn=target.invoked_arn,
                    request_id=request_id,
                    client_context=client_context,
                )
        except LocalRuntimeError as error:
            raise _refused(error) from error
        write_log(target.region.place, deployment.log_group, result)
        return result

    @contextmanager
    def _slot(self, target: Target) -> Iterator[None]:
        """Counts an invocation against the function's reserved concurrency."""
        function = target.function
        with self._store.lock:
            if function.reserved is not None and function.running >= function.reserved:
                raise LambdaError(
                    "TooManyRequestsException",
                    "Rate Exceeded.",
                    Reason="ReservedFunctionConcurrentInvocationLimitExceeded",
                )
            function.running += 1
        try:
            yield
        finally:
            with self._store.lock:
                function.running -= 1


def _check_payload(event: bytes, invocation_type: str) -> None:
    limit = limits.PAYLOAD_ASYNCHRONOUS if invocation_type == "Event" else limits.PAYLOAD_SYNCHRONOUS
    if len(event) > limit:
        raise LambdaError(
            "RequestTooLargeException",
            f"Request must be smaller than {limit} bytes for the InvokeFunction operation",
        )
    try:
        json.loads(event)
    except ValueError as error:
        raise LambdaError(
            "InvalidRequestContentException", f"Could not parse request body into json: {error}"
        ) from error


def _context(encoded: str | None) -> str | None:
    if encoded is None:
        return None
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except ValueError as error:
        raise LambdaError(
            "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object."
        ) from error


def _refused(error: LocalRuntimeError) -> LambdaError:
    code = "InvalidRuntimeException"
    if isinstance(error, ThrottledError):
        code = "TooManyRequestsException"
    elif isinstance(error, PayloadTooLargeError):
        code = "RequestTooLargeException"
    elif isinstance(error, UnusableArchiveError):
        code = "InvalidZipFileException"
    return LambdaError(code, str(error))
