"""The providers of a run: the default one, and those that the program makes with settings of their own."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import grpc

from .connection import attached, channel_to, ended, environment
from .errors import ResourceError
from .guard import guarded
from .providers import PACKAGE, Provider, with_internal, without_internal
from .state import Resource
from .urn import PROVIDER_PREFIX, child, parse
from .values import Properties

TYPE = PROVIDER_PREFIX + PACKAGE


class Providers:
    """Finds the provider of each resource; it is configured when it is first needed."""

    def __init__(
        self, opened: Callable[[], grpc.Channel], stack: str, project: str, settings: Properties
    ) -> None:
        """Takes what opens a connection, the names that URNs are made of, and the stack's settings."""
        self._opened = opened
        self._stack, self._project, self._settings = stack, project, settings
        self._lock = threading.Lock()
        self._resources: dict[str, Resource] = {}
        self._instances: dict[str, Provider] = {}
        # Opened at once, so that a provider that cannot be reached is told before anything begins.
        self._spare: list[Provider] = [Provider(opened())]

    def know(self, resources: Iterable[Resource]) -> None:
        """Takes the package's providers among resources, as they are now."""
        with self._lock:
            self._resources.update({each.urn: each for each in resources if each.type == TYPE})

    def configure_all(self, resources: Iterable[Resource]) -> None:
        """Configures the package's providers among resources.

        Raises:
            ResourceError: one refuses.
        """
        found = [each for each in resources if each.type == TYPE]
        self.know(found)
        for each in found:
            self.instance(each.urn).configure(each)

    def default_urn(self, version: str) -> str:
        """The URN of the default provider for a version of the package."""
        name = f"default_{version.replace('.', '_')}" if version else "default"
        return child(self._stack, self._project, TYPE, name, "")

    def default(self, version: str, old: Resource | None) -> Resource:
        """The default provider as a resource of the state, checked.

        Args:
            version: of the package, as the program asks for it.
            old: the same, of the last run.
        """
        urn = self.default_urn(version)
        wanted: Properties = {**self._settings, **({"version": version} if version else {})}
        instance = self.instance(urn)
        inputs = instance.check(urn, TYPE, parse(urn).name, old.inputs if old else {}, wanted)
        if old:
            instance.difference(old, inputs)
        return Resource(
            urn=urn,
            type=TYPE,
            custom=True,
            id=old.id if old else str(uuid.uuid4()),
            inputs=with_internal(inputs),
            outputs=inputs,
        )

    def made(self, new: Resource, *, preview: bool) -> Resource:
        """A provider that the program makes: it is what it was given, and has an id of the engine's."""
        return self.changed(replace(new, id="" if preview else str(uuid.uuid4())))

    def changed(self, new: Resource) -> Resource:
        """The same, with other inputs."""
        given = without_internal(new.inputs)
        found = replace(new, inputs=with_internal(given), outputs=given)
        self.know([found])
        return found

    def of(self, reference: str) -> Provider:
        """The provider that a resource of the state names (`URN::ID`), configured.

        Raises:
            ResourceError: there is none, or it refuses its settings.
        """
        urn = reference.rpartition("::")[0]
        with self._lock:
            resource = self._resources.get(urn)
        if resource is None:
            raise ResourceError("", f"unknown provider {reference!r}")
        instance = self.instance(urn)
        instance.configure(resource)
        return instance

    def instance(self, urn: str) -> Provider:
        """The provider of a URN, over its own connection."""
        with self._lock:
            if urn not in self._instances:
                self._instances[urn] = self._spare.pop() if self._spare else Provider(self._opened())
            return self._instances[urn]

    def cancel(self) -> None:
        """Asks all to give up what they wait for."""
        with self._lock:
            instances = [*self._instances.values(), *self._spare]
        for each in instances:
            each.cancel()


@contextlib.contextmanager
def connected(stack: str, project: str, settings: Properties, folder: Path) -> Iterator[Providers]:
    """Gives the providers: of the port that `PULUMI_DEBUG_PROVIDERS` names, else of a process of their own.

    Args:
        stack: the stack's name.
        project: the project's.
        settings: the stack's for the package.
        folder: the project's; relative paths of assets count from there.

    Raises:
        EngineError: they cannot be reached or started.
    """
    with contextlib.ExitStack() as parts:
        port = attached(PACKAGE) or parts.enter_context(_started(folder))
        yield Providers(
            lambda: parts.enter_context(channel_to(PACKAGE, port, folder)), stack, project, settings
        )


@contextlib.contextmanager
def _started(folder: Path) -> Iterator[int]:
    with (
        guarded("local.provider", cwd=folder, env=environment(), stdout=subprocess.PIPE) as process,
        ended(process, PACKAGE) as port,
    ):
        yield port
