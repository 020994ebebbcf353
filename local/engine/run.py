"""A run of the engine from its lock to its last save: preview, update, refresh or destroy of one stack."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .deployment import Deployment
from .errors import EngineError, ResourceError
from .events import Event, Listener, LogEvent
from .instances import Providers, connected
from .journal import Journal, StoppedError
from .monitor import Log, Monitor, served
from .packages import Packages
from .program import running
from .project import Project, Settings, read_project, read_settings
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


@dataclass(frozen=True, slots=True)
class _Run:
    """What the verbs share while they run."""

    snapshot: Snapshot
    providers: Providers
    journal: Journal
    tell: Listener


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
        self._journal: Journal | None = None
        self._providers: Providers | None = None
        self._interrupted = False

    def interrupt(self) -> None:
        """Lets no further step begin; what is under way ends, and is saved."""
        self._interrupted = True
        if self._journal is not None:
            self._journal.stop()
        if self._providers is not None:
            self._providers.cancel()

    def update(self, tell: Listener, *, preview: bool) -> Outcome:
        """Runs the program and brings the stack to what it asks for; in a preview only says how.

        Raises:
            EngineError: the run cannot begin, or the program asks for what this engine does not do.
        """
        begin = time.monotonic()
        with self._begun("preview" if preview else "update", tell) as run:
            before = stack_outputs(run.snapshot)
            if self.project.refresh and not self._refreshed(run):
                return Outcome(False, before, before, time.monotonic() - begin)
            deployment = self._deployment(run, preview=preview)
            finished = False
            try:
                finished = self._registered_all(deployment, run)
            finally:
                deployment.outputs.settle(whole=finished)
            if finished:
                with contextlib.suppress(StoppedError):
                    deployment.delete_leftovers()
            outputs = deployment.outputs.of_stack if finished else stack_outputs(run.snapshot)
            return Outcome(finished and self._succeeded(run), before, outputs, time.monotonic() - begin)

    def refresh(self, tell: Listener, *, clear_creates: bool) -> Outcome:
        """Makes the state what is there."""
        begin = time.monotonic()
        with self._begun("refresh", tell) as run:
            done = self._refreshed(run, clear_creates=clear_creates)
            outputs = stack_outputs(run.snapshot)
            return Outcome(done, outputs, outputs, time.monotonic() - begin)

    def destroy(self, tell: Listener) -> Outcome:
        """Deletes all that the stack holds."""
        begin = time.monotonic()
        with self._begun("destroy", tell) as run:
            before = stack_outputs(run.snapshot)
            if self.project.refresh and not self._refreshed(run):
                return Outcome(False, before, before, time.monotonic() - begin)
            with contextlib.suppress(StoppedError):
                self._deployment(run, preview=False).destroy()
            return Outcome(
                self._succeeded(run), before, stack_outputs(run.snapshot), time.monotonic() - begin
            )

    @contextlib.contextmanager
    def _begun(self, kind: str, tell: Listener) -> Iterator[_Run]:
        def heard(event: Event) -> None:
            # Whatever a program or provider says may hold a secret of the stack's settings.
            if isinstance(event, LogEvent):
                event = replace(event, message=self.settings.masked(event.message))
            tell(event)

        with contextlib.ExitStack() as parts:
            parts.enter_context(self.storage.locked())
            snapshot, crypter = self.storage.load(self.settings.salt)
            preview = kind == "preview"
            journal = Journal(snapshot, lambda: self.storage.save(snapshot, crypter), heard, preview=preview)
            self._journal = journal
            if not self.project.refresh:
                creates = [each.resource for each in snapshot.operations if each.type == "creating"]
                warn_of_creates(creates, heard)
            providers = parts.enter_context(
                connected(self.name, self.project.name, self.settings.of("aws"), self.project.program)
            )
            self._providers = providers
            if self._interrupted:
                journal.stop()
            yield _Run(snapshot, providers, journal, heard)
            if self._interrupted:
                heard(LogEvent("error", f"{kind} canceled", ""))

    def _deployment(self, run: _Run, *, preview: bool) -> Deployment:
        return Deployment(
            providers=run.providers,
            snapshot=run.snapshot,
            journal=run.journal,
            folder=self.project.program,
            preview=preview,
        )

    def _succeeded(self, run: _Run) -> bool:
        return not run.journal.failed and not self._interrupted

    def _refreshed(self, run: _Run, *, clear_creates: bool = False) -> bool:
        try:
            refresh(
                run.snapshot,
                run.providers,
                run.tell,
                stopped=lambda: run.journal.stopped,
                clear_creates=clear_creates,
            )
        except ResourceError as error:
            run.tell(LogEvent("error", error.message, error.urn))
            return False
        except StoppedError:
            return False
        run.journal.store()
        return True

    def _registered_all(self, deployment: Deployment, run: _Run) -> bool:
        """Runs the program to its end; gives whether it registered all that it wanted."""
        packages = Packages(self.project, self.settings, self.name, preview=deployment.preview)
        monitor = Monitor(deployment, run.providers, packages, self.name, self.project.name)
        log = Log(run.journal)
        said: list[str] = []

        def heard(event: Event) -> None:
            said.append(event.message if isinstance(event, LogEvent) else "")
            run.tell(event)

        with (
            served(monitor, log) as address,
            contextlib.closing(packages),
            running(
                self.project, self.settings, self.name, address, heard, preview=deployment.preview
            ) as program,
        ):
            while program.poll() is None and not run.journal.stopped:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    program.wait(_POLL_SECONDS)
            run.journal.wait_until_idle()
            code = program.poll()
        if monitor.unusable is not None:
            raise monitor.unusable
        if run.journal.stopped:
            return False
        if code != 0:
            run.journal.failed = True
            if not log.errors:
                last = self.settings.masked(" ".join(said)[-300:]) or "silently"
                raise EngineError(f"the program ended with exit code {code}: {last}")
            return False
        return True


def stack_outputs(snapshot: Snapshot) -> Properties:
    """The outputs of the stack, as the state has them."""
    return next((each.outputs for each in snapshot.resources if each.type == STACK_TYPE), {})
