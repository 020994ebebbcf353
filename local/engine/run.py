"""A run of the engine from its lock to its last save: preview, update, refresh or destroy of one stack."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .deployment import Deployment, StoppedError
from .errors import EngineError, ResourceError
from .events import Event, Listener, LogEvent
from .monitor import Log, Monitor, served
from .program import running
from .project import Project, Settings, read_project, read_settings
from .providers import Provider, cancel, connected
from .refresh import refresh, warn_of_creates
from .state import Snapshot
from .storage import Storage
from .urn import STACK_TYPE
from .values import Properties

_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        succeeded: whether all of it was done.
        before: the stack's outputs before the run.
        outputs: the stack's outputs, as far as they are known.
        seconds: how long it took.
    """

    succeeded: bool
    before: Properties
    outputs: Properties
    seconds: float


class Stack:
    """One stack of a project, and what can be done with it."""

    def __init__(self, folder: Path, state: Path, name: str) -> None:
        """Reads the project and the stack's settings.

        Raises:
            EngineError: they cannot be used.
        """
        self.project: Project = read_project(folder)
        self.settings: Settings = read_settings(self.project, name)
        self.name = name
        self.storage = Storage(state, self.project.name, name)
        self._deployment: Deployment | None = None
        self._provider: Provider | None = None
        self._interrupted = False

    def interrupt(self) -> None:
        """Lets no further step begin; what is under way ends, and is saved."""
        self._interrupted = True
        if self._deployment is not None:
            self._deployment.stop()
        if self._provider is not None:
            cancel(self._provider)

    def update(self, tell: Listener, *, preview: bool) -> Outcome:
        """Runs the program and brings the stack to what it asks for; in a preview only says how.

        Raises:
            EngineError: the run cannot begin, or the program asks for what this engine does not do.
        """
        begin = time.monotonic()
        with self._begun(tell, preview=preview) as (snapshot, provider, save):
            before = stack_outputs(snapshot)
            if self.project.refresh and not self._refreshed(snapshot, provider, save, tell):
                return Outcome(False, before, before, time.monotonic() - begin)
            deployment = Deployment(
                provider=provider,
                snapshot=snapshot,
                save=save,
                tell=tell,
                folder=self.project.program,
                preview=preview,
            )
            self._deployment = deployment
            finished = self._registered_all(deployment, provider, tell)
            if finished:
                with contextlib.suppress(StoppedError):
                    deployment.delete_leftovers()
            succeeded = finished and not deployment.failed and not self._interrupted
            outputs = deployment.outputs if finished else stack_outputs(snapshot)
            return Outcome(succeeded, before, outputs, time.monotonic() - begin)

    def refresh(self, tell: Listener, *, clear_creates: bool) -> Outcome:
        """Makes the state what is there."""
        begin = time.monotonic()
        with self._begun(tell, preview=False) as (snapshot, provider, save):
            done = self._refreshed(snapshot, provider, save, tell, clear_creates=clear_creates)
            outputs = stack_outputs(snapshot)
            return Outcome(done, outputs, outputs, time.monotonic() - begin)

    def destroy(self, tell: Listener) -> Outcome:
        """Deletes all that the stack holds."""
        begin = time.monotonic()
        with self._begun(tell, preview=False) as (snapshot, provider, save):
            before = stack_outputs(snapshot)
            if self.project.refresh and not self._refreshed(snapshot, provider, save, tell):
                return Outcome(False, before, before, time.monotonic() - begin)
            deployment = Deployment(
                provider=provider,
                snapshot=snapshot,
                save=save,
                tell=tell,
                folder=self.project.program,
                preview=False,
            )
            self._deployment = deployment
            with contextlib.suppress(StoppedError):
                deployment.destroy()
            succeeded = not deployment.failed and not self._interrupted
            return Outcome(succeeded, before, stack_outputs(snapshot), time.monotonic() - begin)

    @contextlib.contextmanager
    def _begun(
        self, tell: Listener, *, preview: bool
    ) -> Iterator[tuple[Snapshot, Provider, Callable[[], None]]]:
        with contextlib.ExitStack() as parts:
            parts.enter_context(self.storage.locked())
            snapshot, crypter = self.storage.load(self.settings.salt)
            if not self.project.refresh:
                creates = [each.resource for each in snapshot.operations if each.type == "creating"]
                warn_of_creates(creates, tell)
            settings = self.settings.of("aws")
            provider = parts.enter_context(
                connected(self.name, self.project.name, settings, self.project.program)
            )
            self._provider = provider

            def save() -> None:
                if not preview:
                    self.storage.save(snapshot, crypter)

            yield snapshot, provider, save

    def _refreshed(
        self,
        snapshot: Snapshot,
        provider: Provider,
        save: Callable[[], None],
        tell: Listener,
        *,
        clear_creates: bool = False,
    ) -> bool:
        try:
            refresh(snapshot, provider, tell, clear_creates=clear_creates)
        except ResourceError as error:
            tell(LogEvent("error", error.message, error.urn))
            return False
        save()
        return True

    def _registered_all(self, deployment: Deployment, provider: Provider, tell: Listener) -> bool:
        """Runs the program to its end; gives whether it registered all that it wanted."""
        monitor = Monitor(deployment, provider, self.name, self.project.name)
        log = Log(deployment)
        said: list[str] = []

        def heard(event: Event) -> None:
            said.append(event.message if isinstance(event, LogEvent) else "")
            tell(event)

        with (
            served(monitor, log) as address,
            running(
                self.project, self.settings, self.name, address, heard, preview=deployment.preview
            ) as program,
        ):
            while program.poll() is None and not deployment.stopped:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    program.wait(_POLL_SECONDS)
            deployment.wait_until_idle()
            code = program.poll()
        if monitor.unusable is not None:
            raise monitor.unusable
        if deployment.stopped:
            return False
        if code != 0:
            deployment.failed = True
            if not log.errors:
                raise EngineError(
                    f"the program ended with exit code {code}: {' '.join(said)[-300:] or 'silently'}"
                )
            return False
        return True


def stack_outputs(snapshot: Snapshot) -> Properties:
    """The outputs of the stack, as the state has them."""
    return next((each.outputs for each in snapshot.resources if each.type == STACK_TYPE), {})
