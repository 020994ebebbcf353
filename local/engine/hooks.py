"""Error hooks: what the program wants to be asked when a step of one of its resources fails.

As the real engine does it (pkg/resource/deploy/step.go, retries.go; proto/pulumi/callback.proto): after each
failure all hooks of the resource are called, and if one of them wants it, the step is tried again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from .errors import ResourceError
from .events import Listener, LogEvent
from .providers import ProviderGoneError
from .state import Resource
from .values import Properties, to_struct

_MOST_TRIES = 100
_T = TypeVar("_T")


class ErrorHooks:
    """The hooks that the program has registered."""

    def __init__(self, tell: Listener) -> None:
        """Takes who hears of further tries."""
        self._tell = tell
        self._lock = threading.Lock()
        self._callbacks: dict[str, callback_pb2.Callback] = {}

    def register(self, name: str, callback: callback_pb2.Callback) -> bool:
        """Keeps a hook; gives whether its name was free."""
        with self._lock:
            known = name in self._callbacks
            self._callbacks.setdefault(name, callback)
        return not known

    def watched(self, operation: str, new: Resource, old: Resource | None, step: Callable[[], _T]) -> _T:
        """Does a step as often as its resource's hooks want it.

        Args:
            operation: `create` or `update`.
            new: the resource as it shall be, with the names of its hooks.
            old: as it was, for an update.
            step: what is done.

        Raises:
            ResourceError: it failed, or a hook did.
            ProviderGoneError: the provider went away meanwhile.
        """
        failures: list[str] = []
        while True:
            try:
                return step()
            except ResourceError as error:
                failures.insert(0, error.message)
                if not new.on_error or not self._heard(error, operation, new, old, failures):
                    raise
            if len(failures) >= _MOST_TRIES:
                told = f"maximum number of error hook retries ({_MOST_TRIES}) reached"
                raise ResourceError(new.urn, told)
            tries = f"({len(failures)}/{_MOST_TRIES})"
            self._tell(
                LogEvent("warning", f"retrying {operation} due to on-error hook request {tries}", new.urn)
            )

    def _heard(
        self, error: ResourceError, operation: str, new: Resource, old: Resource | None, failures: list[str]
    ) -> bool:
        try:
            return self._again(operation, new, old, failures)
        except ResourceError as failed:
            if isinstance(error, ProviderGoneError):
                # What became of the step is not known, whatever becomes of its hooks.
                raise ProviderGoneError(error.urn, f"{error.message}; {failed.message}") from failed
            raise

    def _again(self, operation: str, new: Resource, old: Resource | None, failures: Sequence[str]) -> bool:
        request = resource_pb2.ErrorHookRequest(
            urn=new.urn,
            id=new.id,
            name=new.name,
            type=new.type,
            new_inputs=to_struct(new.inputs),
            old_inputs=_struct(old.inputs if old else None),
            old_outputs=_struct(old.outputs if old else None),
            failed_operation=operation,
            errors=failures,
        )
        # All are called, whatever the first wants.
        wanted = [self._call(name, new.urn, request) for name in new.on_error]
        return any(wanted)

    def _call(self, name: str, urn: str, request: resource_pb2.ErrorHookRequest) -> bool:
        callback = self._callbacks.get(name)
        if callback is None:
            raise ResourceError(urn, f'error hooks execution failed: error hook "{name}" was not registered')
        call = callback_pb2.CallbackInvokeRequest(token=callback.token, request=request.SerializeToString())
        try:
            with grpc.insecure_channel(callback.target) as channel:
                answer = callback_pb2_grpc.CallbacksStub(channel).Invoke(call)
        except grpc.RpcError as error:
            raise ResourceError(urn, _failed(name, error.details() or str(error.code()))) from error
        response = resource_pb2.ErrorHookResponse.FromString(answer.response)
        if response.error:
            raise ResourceError(urn, _failed(name, response.error))
        return response.retry


def _failed(name: str, reason: str) -> str:
    return f'error hooks execution failed: error hook "{name}" failed: {reason}'


def _struct(values: Properties | None) -> struct_pb2.Struct | None:
    return None if values is None else to_struct(values)
