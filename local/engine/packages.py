"""Packages of components: each runs in a process of its own, which registers what it makes at the monitor.

As the real engine does it (pkg/resource/deploy/source_eval.go, RegisterResource of a remote component): the
package's provider is found and configured, and its `Construct` answers once the component is there.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, resource_pb2

from .connection import attached, channel_to, ended, environment
from .errors import ResourceError, UnsupportedError
from .guard import guarded
from .project import Project, Settings
from .providers import called
from .state import Resource
from .urn import PROVIDER_PREFIX, child
from .values import Properties, to_struct, unwrapped

PLUGIN = "PulumiPlugin.yaml"


class Packages:
    """The packages of one run."""

    def __init__(self, project: Project, settings: Settings, stack: str, *, preview: bool) -> None:
        """Takes what a component is told of the run."""
        self._project, self._settings, self._stack = project, settings, stack
        self._preview = preview
        self._lock = threading.Lock()
        self._parts = contextlib.ExitStack()
        self._stubs: dict[str, provider_pb2_grpc.ResourceProviderStub] = {}

    def close(self) -> None:
        """Ends the processes."""
        self._parts.close()

    def provider(self, package: str, version: str, old: Resource | None) -> Resource:
        """A package's default provider as a resource of the state."""
        inputs: Properties = {**self._settings.of(package), **({"version": version} if version else {})}
        return Resource(
            urn=self.provider_urn(package, version),
            type=PROVIDER_PREFIX + package,
            custom=True,
            id=old.id if old else str(uuid.uuid4()),
            inputs=inputs,
            outputs=inputs,
        )

    def provider_urn(self, package: str, version: str) -> str:
        """The URN of a package's default provider."""
        name = f"default_{version.replace('.', '_')}" if version else "default"
        return child(self._stack, self._project.name, PROVIDER_PREFIX + package, name, "")

    def construct(
        self, request: resource_pb2.RegisterResourceRequest, monitor: str
    ) -> provider_pb2.ConstructResponse:
        """Has a component made.

        Args:
            request: for it, from the program.
            monitor: the address at which it registers what it is made of.

        Returns:
            Its URN, its outputs, and what they depend on.

        Raises:
            ResourceError: it cannot be made.
            EngineError: the package cannot be reached or started.
        """
        package = request.type.partition(":")[0]
        stub = self._stub(package, monitor)
        urn = child(self._stack, self._project.name, request.type, request.name, request.parent)
        wanted = provider_pb2.ConstructRequest(
            project=self._project.name,
            stack=self._stack,
            organization="organization",
            config=dict(self._settings.values),
            configSecretKeys=self._settings.secret_keys,
            dryRun=self._preview,
            parallel=16,
            monitorEndpoint=monitor,
            type=request.type,
            name=request.name,
            parent=request.parent,
            inputs=request.object,
            inputDependencies={
                name: provider_pb2.ConstructRequest.PropertyDependencies(urns=each.urns)
                for name, each in request.propertyDependencies.items()
            },
            protect=request.protect,
            providers=dict(request.providers),
            aliases=request.aliases,
            dependencies=request.dependencies,
            additionalSecretOutputs=request.additionalSecretOutputs,
            deletedWith=request.deletedWith,
            ignoreChanges=request.ignoreChanges,
            replaceOnChanges=request.replaceOnChanges,
            retainOnDelete=request.retainOnDelete,
        )
        try:
            made: provider_pb2.ConstructResponse = called(package, urn, stub.Construct, wanted)
        except ResourceError as error:
            # diag.GetResourceInvalidError in the real engine.
            told = f"{request.type} resource '{request.name}' has a problem: {error.message}"
            raise ResourceError(urn, told) from error
        return made

    def _stub(self, package: str, engine: str) -> provider_pb2_grpc.ResourceProviderStub:
        with self._lock:
            if package not in self._stubs:
                self._stubs[package] = self._opened(package, engine)
            return self._stubs[package]

    def _opened(self, package: str, engine: str) -> provider_pb2_grpc.ResourceProviderStub:
        folder = self._project.program
        port = attached(package) or self._parts.enter_context(
            _started(package, plugin_folder(self._project, package), folder, engine)
        )
        channel: grpc.Channel = self._parts.enter_context(channel_to(package, port, folder))
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        settings = self._settings.of(package)
        configure = provider_pb2.ConfigureRequest(
            variables={f"{package}:config:{key}": str(unwrapped(each)) for key, each in settings.items()},
            args=to_struct(settings),
            acceptSecrets=True,
            acceptResources=True,
        )
        called(package, "", stub.Configure, configure)
        return stub


def plugin_folder(project: Project, package: str) -> Path:
    """Where a package lies, as `packages` of Pulumi.yaml says.

    Raises:
        UnsupportedError: it says nothing, or another place than a folder of a plugin in Python.
    """
    source = project.packages.get(package)
    if source is None:
        raise UnsupportedError(f"the package {package}, which is none of `packages` in Pulumi.yaml")
    folder = (project.folder / source).resolve()
    if not (folder / PLUGIN).is_file() or not (folder / "__main__.py").is_file():
        raise UnsupportedError(f"the package {package} from {source}, which is no folder of a Python plugin")
    return folder


@contextlib.contextmanager
def _started(package: str, plugin: Path, folder: Path, engine: str) -> Iterator[int]:
    # The real engine gives a plugin an environment of its own; here it shares the stand-in's.
    with (
        guarded(str(plugin), engine, cwd=folder, env=environment(), stdout=subprocess.PIPE) as process,
        ended(process, package) as port,
    ):
        yield port
