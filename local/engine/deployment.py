"""One run: takes each registration to its step, keeps the state true, and deletes what is left."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from .errors import ResourceError
from .events import Event, Listener, LogEvent, StepEvent
from .goal import Goal
from .order import deletion_waves, dependents
from .plan import Decision, Difference, Op, decide, decide_component, with_ignored
from .providers import PartialFailureError, Provider, package_of
from .resources import ProviderCalls
from .state import Operation, Resource, Snapshot
from .urn import STACK_TYPE, short_type
from .values import Properties, with_hashes

_PARALLEL = 10


class StoppedError(Exception):
    """The run has failed or was interrupted: no further step begins."""


class Deployment:
    """The steps of one preview or update.

    Registrations come in from many threads at once; the provider is called without holding any lock, and what
    has become of a resource is noted, and saved, under one.
    """

    def __init__(
        self,
        *,
        provider: Provider,
        snapshot: Snapshot,
        save: Callable[[], None],
        tell: Listener,
        folder: Path,
        preview: bool,
    ) -> None:
        """Takes the provider, the state and how to save it, who listens, where assets lie, and the mode."""
        self._provider = provider
        self._calls = ProviderCalls(provider, preview=preview)
        self._snapshot = snapshot
        self._save = save
        self._tell = tell
        self._folder = folder
        self.preview = preview
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._active = 0
        self._idle = threading.Condition(self._lock)
        self._entropy = os.urandom(16)
        self.failed = False
        self.outputs: Properties = {}
        self._olds = {each.urn: each for each in snapshot.resources if not each.delete}
        self._registered: dict[str, Resource] = {}
        self._claimed: set[str] = set()
        # Replaced originals of this run and of runs that failed: deleted at the end.
        self._doomed = [each for each in snapshot.resources if each.delete]
        self._gone: set[str] = set()

    # What the program asks for.

    def register(self, goal: Goal) -> Resource:
        """Brings one resource to what is wanted, and gives what it then is.

        Raises:
            StoppedError: the run has failed, here or elsewhere.
        """
        with self._step():
            try:
                return self._registered_as(goal)
            except ResourceError as error:
                self._fail(error.urn, error.message)
            except OSError as error:
                self._fail(goal.urn, f"{error.filename} cannot be read: {error.strerror}")
        raise StoppedError

    def set_outputs(self, urn: str, outputs: Properties) -> None:
        """Notes what a component gives.

        Raises:
            StoppedError: the component was never registered, or the run has failed.
        """
        with self._lock:
            resource = self._registered.get(urn)
            if resource is None:
                raise StoppedError
            self._amend(resource, replace(resource, outputs=outputs))
            if resource.type == STACK_TYPE:
                self.outputs = outputs

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

    def configured(self, type_: str, version: str) -> Resource:
        """The default provider of a type or function, configured."""
        package_of(type_)
        with self._lock:
            known = next((each for each in self._registered.values() if each.is_provider), None)
            if known is None:
                known = self._register_provider(version)
        self._provider.configure(known)
        return known

    # Steps.

    def _registered_as(self, goal: Goal) -> Resource:
        old = self._claim(goal)
        inputs = with_hashes(with_ignored(goal, old), self._folder)
        if not goal.custom:
            return self._component(goal, old, inputs)
        provider = self.configured(goal.type, goal.version)
        checked = self._calls.check(goal, inputs, old.inputs if old else {}, self._seed(goal.urn))
        difference = self._calls.diff(goal, old, checked) if old else Difference()
        decision = decide(goal, old, difference)
        new = self._wanted(goal, checked, provider)
        if decision.op is Op.CREATE or old is None:
            return self._create(new, None, Decision(Op.CREATE))
        if decision.op is Op.REPLACE:
            fresh = self._calls.check(goal, inputs, {}, self._seed(goal.urn))
            return self._replace(replace(new, inputs=fresh), old, decision)
        new = replace(new, id=old.id, created=old.created, modified=old.modified)
        if decision.op is Op.UPDATE:
            return self._update(new, old, decision)
        return self._same(replace(new, outputs=old.outputs), old)

    def _claim(self, goal: Goal) -> Resource | None:
        """Finds what there is of a resource, under its name or one it had, and takes it for this goal."""
        with self._lock:
            if goal.urn in self._claimed:
                raise ResourceError(
                    goal.urn, f"Duplicate resource URN '{goal.urn}'; try giving it a unique name"
                )
            self._claimed.add(goal.urn)
            for urn in (goal.urn, *goal.old_urns):
                old = self._olds.pop(urn, None)
                if old is not None:
                    return None if old.urn in self._gone else old
        return None

    def _component(self, goal: Goal, old: Resource | None, inputs: Properties) -> Resource:
        decision = decide_component(replace(goal, inputs=inputs), old)
        new = replace(
            self._wanted(goal, inputs, None),
            outputs=old.outputs if old else {},
            created=old.created if old else "",
        )
        with self._announced(decision.op, decision.op.value, new, old, decision.difference):
            self._settle(new, old)
        return new

    def _wanted(self, goal: Goal, inputs: Properties, provider: Resource | None) -> Resource:
        return Resource(
            urn=goal.urn,
            type=goal.type,
            custom=goal.custom,
            inputs=inputs,
            parent=goal.parent,
            provider=f"{provider.urn}::{provider.id}" if provider else "",
            dependencies=goal.dependencies,
            property_dependencies=goal.property_dependencies,
            protect=goal.protect,
            retain_on_delete=goal.retain_on_delete,
            deleted_with=goal.deleted_with,
            additional_secret_outputs=goal.additional_secret_outputs,
            custom_timeouts=goal.custom_timeouts,
        )

    def _same(self, new: Resource, old: Resource) -> Resource:
        with self._announced(Op.SAME, "same", new, old, Difference()):
            self._settle(new, old)
        return new

    def _create(self, new: Resource, old: Resource | None, decision: Decision) -> Resource:
        label = "create-replacement" if decision.op is Op.REPLACE else "create"
        with (
            self._announced(decision.op, label, new, old, decision.difference),
            self._pending("creating", new),
        ):
            try:
                made = self._calls.create(new)
            except PartialFailureError as error:
                self._settle(self._unfinished(new, error), None)
                raise
            made = replace(made, created=_now(), modified=_now())
            self._settle(made, None)
        return made

    def _update(self, new: Resource, old: Resource, decision: Decision) -> Resource:
        with (
            self._announced(Op.UPDATE, "update", new, old, decision.difference),
            self._pending("updating", new),
        ):
            try:
                made = self._calls.update(new, old)
            except PartialFailureError as error:
                self._settle(self._unfinished(replace(new, id=old.id), error), old)
                raise
            made = replace(made, modified=_now())
            self._settle(made, old)
        return made

    def _replace(self, new: Resource, old: Resource, decision: Decision) -> Resource:
        if decision.delete_first:
            self._delete_with_dependents(old)
            made = self._create(new, old, decision)
        else:
            made = self._create(new, old, decision)
            doomed = replace(old, delete=True)
            with self._lock:
                self._snapshot.amend(old, doomed)
                self._doomed.append(doomed)
                self._store()
            old = doomed
        with self._announced(Op.REPLACE, "replace", made, old, decision.difference):
            pass
        return made

    def _delete_with_dependents(self, old: Resource) -> None:
        """Deletes a resource before its replacement is made, and first what must be replaced with it."""
        with self._lock:
            waiting = [each for each in self._snapshot.resources if each.urn in self._olds]
            needing = [each for each in dependents(old.urn, waiting) if self._goes_with(each, old.urn)]
            self._gone.update(each.urn for each in needing)
        for wave in deletion_waves(needing):
            for each in wave:
                self._delete(each)
        self._delete(old, Op.REPLACE)

    def _goes_with(self, resource: Resource, urn: str) -> bool:
        names = [name for name, urns in resource.property_dependencies.items() if urn in urns]
        return bool(names) and resource.custom and self._calls.is_replaced_by(resource, names)

    def delete_leftovers(self) -> None:
        """Deletes what the program no longer asks for, and replaced originals: dependents first.

        Raises:
            StoppedError: something could not be deleted.
        """
        with self._lock:
            doomed = {id(each) for each in self._doomed}
            left = [
                each
                for each in self._snapshot.resources
                if id(each) in doomed or (each.urn in self._olds and each.urn not in self._gone)
            ]
        self._delete_all(left)

    def destroy(self) -> None:
        """Deletes everything.

        Raises:
            StoppedError: something could not be deleted.
        """
        self._delete_all(self._snapshot.resources)

    def _delete_all(self, resources: Sequence[Resource]) -> None:
        protected = [each.urn for each in resources if each.protect and not each.delete]
        if protected:
            for urn in protected:
                self._fail(urn, f"unable to delete resource {urn!r}: it is protected; unprotect it first")
            raise StoppedError
        needs_provider = next((each for each in resources if each.is_provider), None)
        if needs_provider is not None and not self.preview:
            self._provider.configure(needs_provider)
        with ThreadPoolExecutor(_PARALLEL) as pool:
            for wave in deletion_waves(resources):
                for done in [pool.submit(self._deleted_in_turn, each, resources) for each in wave]:
                    done.result()
                if self.stopped:
                    raise StoppedError

    def _deleted_in_turn(self, resource: Resource, others: Sequence[Resource]) -> None:
        goes_with = {each.urn for each in others}
        with self._step():
            try:
                self._delete(
                    resource, call=not resource.deleted_with or resource.deleted_with not in goes_with
                )
            except ResourceError as error:
                self._fail(error.urn, error.message)

    def _delete(self, resource: Resource, op: Op = Op.DELETE, *, call: bool = True) -> None:
        label = "delete-replaced" if resource.delete or op is Op.REPLACE else "delete"
        with self._announced(op, label, None, resource, Difference()):
            silent = resource.retain_on_delete or not resource.custom or resource.is_provider
            if call and not silent and not resource.external and not self.preview:
                with self._pending("deleting", resource):
                    self._calls.delete(resource)
            with self._lock:
                self._snapshot.forget(resource)
                self._store()

    # Keeping account.

    def _register_provider(self, version: str) -> Resource:
        old = self._olds.pop(self._provider.urn(version), None)
        resource = self._provider.resource(version, old)
        self._settle(resource, old)
        return resource

    def _settle(self, new: Resource, old: Resource | None) -> None:
        with self._lock:
            self._snapshot.settle(new, old)
            self._registered[new.urn] = new
            self._store()

    def _amend(self, old: Resource, new: Resource) -> None:
        self._snapshot.amend(old, new)
        self._registered[new.urn] = new
        self._store()

    def _unfinished(self, new: Resource, error: PartialFailureError) -> Resource:
        return replace(
            new, id=error.id or new.id, outputs=error.properties, init_errors=error.reasons, modified=_now()
        )

    def _store(self) -> None:
        if not self.preview:
            self._save()

    @contextmanager
    def _pending(self, kind: str, resource: Resource) -> Iterator[None]:
        """Notes an operation before its call: a process that dies meanwhile leaves word of it."""
        if self.preview:
            yield
            return
        operation = Operation(kind, resource)
        with self._lock:
            self._snapshot.operations.append(operation)
            self._store()
        try:
            yield
        finally:
            with self._lock:
                self._snapshot.operations.remove(operation)
                self._store()

    @contextmanager
    def _announced(
        self, op: Op, label: str, new: Resource | None, old: Resource | None, difference: Difference
    ) -> Iterator[None]:
        resource = new or old
        if resource is None:
            raise AssertionError("a step without a resource")

        def event(*, done: bool, failed: bool = False) -> StepEvent:
            final = self._registered.get(resource.urn, new) if new is not None and done else new
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

    @contextmanager
    def _step(self) -> Iterator[None]:
        with self._lock:
            if self.stopped:
                raise StoppedError
            self._active += 1
        try:
            yield
        finally:
            with self._idle:
                self._active -= 1
                self._idle.notify_all()

    def _fail(self, urn: str, message: str) -> None:
        self.failed = True
        self.stop()
        self.say(LogEvent("error", message, urn))

    def say(self, event: Event) -> None:
        """Passes something on to whoever shows the run."""
        self._tell(event)

    def _seed(self, urn: str) -> bytes:
        # Stable within one run, so that asking twice for one resource's name gives the same.
        return hashlib.sha256(self._entropy + urn.encode()).digest()


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
