"""Error hooks: what the engine calls before a failed step ends the run.

Pulumi's SDK serves its hooks with an asyncio server, and a program that fails while that starts (its first
milliseconds) dies of a segmentation fault in grpc's `aio`, with its message or without. Here a thread serves
them; the registration and the calls are the SDK's (`pulumi/resource.proto`, RegisterErrorHook, and
`pulumi/callback.proto`).
"""

from __future__ import annotations

import atexit
import contextvars
import functools
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
import pulumi
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2
from pulumi.runtime.resource_hooks import StubErrorHook
from pulumi.runtime.settings import get_monitor, monitor_supports_feature

_THREADS = 8


class _Callbacks(callback_pb2_grpc.CallbacksServicer):
    """Answers the engine's calls by their tokens."""

    def __init__(self) -> None:
        self.hooks: dict[str, Callable[[], None]] = {}
        self.target = ""

    def Invoke(  # noqa: N802 (the protocol's name)
        self, request: callback_pb2.CallbackInvokeRequest, context: grpc.ServicerContext
    ) -> callback_pb2.CallbackInvokeResponse:
        """Runs a hook; no step is tried again for it."""
        hook = self.hooks.get(request.token)
        if hook is None:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"there is no hook {request.token}")
        else:
            hook()
        response = resource_pb2.ErrorHookResponse(retry=False)
        return callback_pb2.CallbackInvokeResponse(response=response.SerializeToString())


@functools.cache
def _served() -> _Callbacks:
    """The one server of this process."""
    callbacks = _Callbacks()
    server = grpc.server(ThreadPoolExecutor(_THREADS, thread_name_prefix="hooks"))
    callback_pb2_grpc.add_CallbacksServicer_to_server(callbacks, server)
    callbacks.target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    atexit.register(server.stop, None)
    return callbacks


def on_error(name: str, tell: Callable[[], None]) -> pulumi.ResourceOptions:
    """Options of a resource whose failure is to be told in more words.

    Args:
        name: of the hook, the only one of that name in the program.
        tell: called in a thread of its own when a step of the resource has failed, before the run ends.

    Returns:
        The options; none with an engine that knows no error hooks, whose runs tell less.
    """
    monitor = get_monitor()
    if monitor is None or not monitor_supports_feature(resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS):
        return pulumi.ResourceOptions()
    callbacks, token = _served(), str(uuid.uuid4())
    # Where the SDK keeps the configuration and the way to the log.
    context = contextvars.copy_context()
    callbacks.hooks[token] = lambda: context.copy().run(tell)
    callback = callback_pb2.Callback(target=callbacks.target, token=token)
    monitor.RegisterErrorHook(resource_pb2.RegisterErrorHookRequest(name=name, callback=callback))
    return pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(on_error=[StubErrorHook(name)]))
