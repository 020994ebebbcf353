"""What the program talks to: Pulumi's resource monitor and its log, as thin layers over a deployment."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, resource_pb2, resource_pb2_grpc

from .deployment import Deployment
from .errors import EngineError, ResourceError, UnsupportedError
from .events import LogEvent
from .goal import read_goal, refuse_unknown
from .instances import Providers
from .journal import Journal, StoppedError
from .lookup import read_lookup
from .packages import Packages
from .providers import package_of
from .values import UNKNOWN, Properties, from_struct, has_unknown, to_struct

# Registrations wait for those that they depend on within the program, so many may be open at once.
_THREADS = 200
_MESSAGE_BYTES = 400 << 20

# Of the features that SDKs ask for (resource.proto, SupportsFeature), those that are whole here.
_FEATURES = {"secrets", "outputValues", "deletedWith", "aliasSpecs", "errorHooks"}

# What the SDK makes of a call that `_abort` refused (pulumi/runtime/settings.py): why is told elsewhere.
_CONSEQUENCE = "Resource monitor has terminated, shutting down"

_SEVERITIES = {
    engine_pb2.DEBUG: "debug",
    engine_pb2.INFO: "info",
    engine_pb2.WARNING: "warning",
    engine_pb2.ERROR: "error",
}


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Takes registrations and invocations (resource.proto)."""

    def __init__(
        self, deployment: Deployment, providers: Providers, packages: Packages, stack: str, project: str
    ) -> None:
        """Takes what does the work, and the names that URNs are made of."""
        self._deployment = deployment
        self._providers = providers
        self._packages = packages
        self._stack, self._project = stack, project
        # Where it is served, once it is.
        self.address = ""
        self.unusable: EngineError | None = None

    def SupportsFeature(
        self, request: resource_pb2.SupportsFeatureRequest, context: grpc.ServicerContext
    ) -> resource_pb2.SupportsFeatureResponse:
        """Says whether a feature is supported; the SDK then does without the others."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURES)

    def RegisterResource(
        self, request: resource_pb2.RegisterResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.RegisterResourceResponse:
        """Brings a resource to what is wanted."""
        with self._ending(context):
            if request.remote:
                return self._constructed(request)
            goal = read_goal(request, self._stack, self._project)
            made = self._deployment.register(goal)
            outputs = made.outputs if made.custom else {}
            if self._deployment.preview and made.custom and not made.id:
                # What the preview of a new resource does not say is not known yet; the SDK sees that itself.
                return resource_pb2.RegisterResourceResponse(urn=made.urn, object=to_struct(outputs))
            return resource_pb2.RegisterResourceResponse(urn=made.urn, id=made.id, object=to_struct(outputs))

    def _constructed(
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Has a component of a package made, which registers itself and its parts in calls of their own."""
        refuse_unknown(request)
        package = request.type.partition(":")[0]
        self._deployment.package_used(package, request.version, self._packages)
        try:
            made = self._packages.construct(request, self.address)
        except ResourceError:
            if self._deployment.journal.stopped:
                # Of a part of it that failed: that is told already.
                raise StoppedError from None
            raise
        return resource_pb2.RegisterResourceResponse(
            urn=made.urn,
            object=made.state,
            propertyDependencies={
                name: resource_pb2.RegisterResourceResponse.PropertyDependencies(urns=each.urns)
                for name, each in made.stateDependencies.items()
            },
        )

    def RegisterResourceOutputs(
        self, request: resource_pb2.RegisterResourceOutputsRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Notes what a component gives."""
        with self._ending(context):
            self._deployment.outputs.register(request.urn, from_struct(request.outputs))
        return empty_pb2.Empty()

    def ReadResource(
        self, request: resource_pb2.ReadResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.ReadResourceResponse:
        """Looks up a resource that is not the stack's."""
        with self._ending(context):
            found = self._deployment.read(read_lookup(request, self._stack, self._project))
            # As the real one (v3.260) without the id: the SDK takes the one that it asked for.
            return resource_pb2.ReadResourceResponse(urn=found.urn, properties=to_struct(found.outputs))

    def Call(
        self, request: resource_pb2.ResourceCallRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CallResponse:
        """Refuses to call a resource's method."""
        with self._ending(context):
            raise UnsupportedError(f"methods of resources (here {request.tok})")

    def Invoke(
        self, request: resource_pb2.ResourceInvokeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.InvokeResponse:
        """Calls a provider's function."""
        with self._ending(context, at_once=True):
            package_of(request.tok)
            arguments: Properties = from_struct(request.args)
            if has_unknown(arguments):
                # The member is called `return`, which only the generic way can name.
                unknown = provider_pb2.InvokeResponse()
                getattr(unknown, "return").CopyFrom(to_struct({"id": UNKNOWN}))
                return unknown
            provider = self._providers.of(
                self._deployment.provider_of(request.tok, request.version, request.provider)
            )
            answer: provider_pb2.InvokeResponse = provider.call(
                "",
                provider.stub.Invoke,
                provider_pb2.InvokeRequest(tok=request.tok, args=provider.sent(arguments)),
            )
            return answer

    def RegisterErrorHook(
        self, request: resource_pb2.RegisterErrorHookRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Keeps what is to be called when a step fails."""
        if not self._deployment.hooks.register(request.name, request.callback):
            context.abort(
                grpc.StatusCode.UNKNOWN, f"resource hook already registered for name {request.name!r}"
            )
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Lets the program end once it has registered everything: no step with a hook is left then."""
        return empty_pb2.Empty()

    @contextlib.contextmanager
    def _ending(self, context: grpc.ServicerContext, *, at_once: bool = False) -> Iterator[None]:
        """Ends a call that cannot be answered so that the SDK ends quietly: the reason is told elsewhere.

        The program ends with the answer, and the hooks of steps under way with the program; so it waits for
        these, unless it is the call of such a hook itself.
        """
        try:
            yield
        except StoppedError:
            pass
        except ResourceError as error:
            self._deployment.journal.fail(error.urn, error.message)
        except EngineError as error:
            self._deployment.journal.failed = True
            self._deployment.journal.stop()
            self.unusable = error
        else:
            return
        if not at_once:
            self._deployment.journal.wait_until_idle()
        self._abort(context)

    def _abort(self, context: grpc.ServicerContext) -> NoReturn:
        # The SDK takes this code for an engine that is ending, and waits to be ended itself.
        context.abort(grpc.StatusCode.UNAVAILABLE, "the run has stopped")
        raise AssertionError("abort raises")


class Log(engine_pb2_grpc.EngineServicer):
    """Takes what the program says (engine.proto)."""

    def __init__(self, journal: Journal) -> None:
        """Takes who passes it on."""
        self._journal = journal
        self._root = ""
        self.errors = 0

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Passes a message on."""
        severity = _SEVERITIES[request.severity]
        self.errors += severity == "error"
        if not request.ephemeral and request.message != _CONSEQUENCE:
            self._journal.say(LogEvent(severity, request.message, request.urn))
        return empty_pb2.Empty()

    def GetRootResource(
        self, request: engine_pb2.GetRootResourceRequest, context: grpc.ServicerContext
    ) -> engine_pb2.GetRootResourceResponse:
        """Gives the stack's URN."""
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(
        self, request: engine_pb2.SetRootResourceRequest, context: grpc.ServicerContext
    ) -> engine_pb2.SetRootResourceResponse:
        """Keeps the stack's URN."""
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()


@contextlib.contextmanager
def served(monitor: Monitor, log: Log) -> Iterator[str]:
    """Serves both on a loopback port, and gives the address."""
    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", _MESSAGE_BYTES),
        ("grpc.max_send_message_length", -1),
    ]
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=options)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(log, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monitor.address = f"127.0.0.1:{port}"
    try:
        yield monitor.address
    finally:
        server.stop(grace=0.5).wait()
