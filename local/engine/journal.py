"""The journal of a run: what has become of each resource, kept in the state and told to whoever listens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .errors import ResourceError
from .events import Event, Listener, LogEvent, StepEvent
from .plan import Difference, Op
from .providers import ProviderGoneError
from .state import Operation, Resource, Snapshot
from .urn import short_type


class StoppedError(Exception):
    """The run has failed or was interrupted: no further step begins."""


class Journal:
    """Keeps account for steps that run in many threads at once; the state is saved after each of them."""

    def __init__(
        self, snapshot: Snapshot, save: Callable[[], None], tell: Listener, *, preview: bool
    ) -> None:
        """Takes the state, how to save it, who listens, and whether nothing is really done."""
        self._snapshot = snapshot
        self._save = save
        self._tell = tell
        self._preview = preview
        self.lock = threading.RLock()
        self._stop = threading.Event()
        self._active = 0
        self._idle = threading.Condition(self.lock)
        self._holding = False
        self.failed = False
        self.registered: dict[str, Resource] = {}

    # Beginning and end.

    @contextmanager
    def step(self) -> Iterator[None]:
        """A step, or several that belong together.

        Raises:
            StoppedError: none may begin any more.
        """
        with self.lock:
            if self.stopped:
                raise StoppedError
            self._active += 1
        try:
            yield
        finally:
            with self._idle:
                self._active -= 1
                self._idle.notify_all()

    def stop(self) -> None:
        """Lets no further step begin; those under way end."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether no further step begins."""
        return self._stop.is_set()

    def wait_until_idle(self) -> None:
        """Waits for the steps under way."""
        with self._idle:
            self._idle.wait_for(lambda: self._active == 0)

    # What is told.

    def say(self, event: Event) -> None:
        """Passes something on to whoever shows the run."""
        self._tell(event)

    def fail(self, urn: str, message: str, *, stop: bool = True) -> None:
        """Says what failed; the run has failed with it."""
        self.failed = True
        if stop:
            self.stop()
        self.say(LogEvent("error", message, urn))

    @contextmanager
    def announced(
        self, op: Op, label: str, new: Resource | None, old: Resource | None, difference: Difference
    ) -> Iterator[None]:
        """Says that a step begins, and how it ended."""
        resource = new or old
        if resource is None:
            raise AssertionError("a step without a resource")

        def event(*, done: bool, failed: bool = False) -> StepEvent:
            # An import is shown as it is wanted: what is there is changed to that at once.
            whole = new is not None and done and op is not Op.IMPORT
            final = self.registered.get(resource.urn, new) if whole else new
            return StepEvent(
                op=op,
                label=label,
                urn=resource.urn,
                type=short_type(resource.type),
                name=resource.name,
                done=done,
                seconds=time.monotonic() - begin,
                old=old,
                new=final,
                difference=difference,
                failed=failed,
            )

        begin = time.monotonic()
        self._tell(event(done=False))
        try:
            yield
        except BaseException:
            self._tell(event(done=True, failed=True))
            raise
        self._tell(event(done=True))

    # What is kept.

    def settle(self, new: Resource, old: Resource | None = None) -> None:
        """Notes what a resource has become; `old` is no longer there as it was.

        One that is as it was is not worth a save of its own, as with the real engine (in its snapshot.go,
        sameSnapshotMutation); whatever is saved next has it.
        """
        with self.lock:
            self._snapshot.settle(new, old)
            self.registered[new.urn] = new
            if new != old:
                self.store()

    def amend(self, old: Resource, new: Resource) -> None:
        """Exchanges what is known of a resource, in its place."""
        with self.lock:
            self._snapshot.amend(old, new)
            if self.registered.get(old.urn) is old:
                self.registered[new.urn] = new
            self.store()

    def forget(self, resource: Resource) -> None:
        """Notes that a resource is no longer there."""
        with self.lock:
            self._snapshot.forget(resource)
            self.store()

    @contextmanager
    def pending(self, kind: str, resource: Resource) -> Iterator[None]:
        """Notes an operation before its call: a run that dies meanwhile leaves word of it.

        So does a create whose provider died: whether it made anything is not known.
        """
        if self._preview:
            yield
            return
        operation = Operation(kind, resource)
        with self.lock:
            self._snapshot.operations.append(operation)
            self.store()
        try:
            yield
        except ProviderGoneError as error:
            if kind == "creating":
                raise ResourceError(
                    error.urn, f"{error.message}; whether it was created is not known, so the next run warns"
                ) from error
            self._ended(operation)
            raise
        except BaseException:
            self._ended(operation)
            raise
        self._ended(operation)

    def _ended(self, operation: Operation) -> None:
        with self.lock:
            self._snapshot.operations.remove(operation)
            self.store()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Saves the state once after several changes: no saved state has some of them alone."""
        with self.lock:
            self._holding = True
            try:
                yield
            finally:
                self._holding = False
            self.store()

    def store(self) -> None:
        """Saves the state; a preview has nothing to save."""
        if not (self._preview or self._holding):
            self._save()
