"""One run: takes each registration to its step, and afterwards deletes what is left.

A registration comes from `monitor.py`, is matched with what there is (`claims.py`), checked and compared by
its provider (`resources.py`), decided (`plan.py`), done (`steps.py`), and written down (`journal.py`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .claims import Claims
from .deletes import Deletions
from .errors import ResourceError
from .events import LogEvent
from .goal import Goal
from .instances import Providers
from .journal import Journal, StoppedError
from .lookup import Lookup
from .outputs import Outputs
from .packages import Packages
from .paths import with_ignored
from .plan import Decision, Difference, Op, decide, decide_component
from .providers import package_of
from .refusals import replacement_refusals
from .resources import ProviderCalls, with_secrets
from .state import Resource, Snapshot
from .steps import Steps
from .urn import PROVIDER_PREFIX
from .values import Properties, with_hashes


class Deployment:
    """The steps of one preview or update.

    Registrations come in from many threads at once; the provider is called without holding any lock, and what
    has become of a resource is noted, and saved, under one.
    """

    def __init__(
        self, *, providers: Providers, snapshot: Snapshot, journal: Journal, folder: Path, preview: bool
    ) -> None:
        """Takes the providers, the state, where to keep account, where assets lie, and the mode."""
        self._providers = providers
        # What the program no longer asks for is deleted by the provider that it had.
        providers.know(snapshot.resources)
        self._snapshot = snapshot
        self.journal = journal
        self._folder = folder
        self.preview = preview
        self._claims = Claims(snapshot, journal)
        self._calls = ProviderCalls(providers, preview=preview)
        self._deletions = Deletions(journal, self._calls, providers, preview=preview)
        self._steps = Steps(journal, self._claims, providers, self._calls, self._deletions)
        self.hooks = self._steps.hooks
        self._entropy = os.urandom(16)
        self.outputs = Outputs(journal, folder)
        self._default: Resource | None = None

    # What the program asks for.

    def register(self, goal: Goal) -> Resource:
        """Brings one resource to what is wanted, and gives what it then is.

        Raises:
            StoppedError: the run has failed, here or elsewhere.
        """
        return self._stopping(goal.urn, lambda: self._registered_as(goal))

    def read(self, lookup: Lookup) -> Resource:
        """Looks up a resource that is not the stack's; gives what it is.

        Raises:
            StoppedError: there is none, or the run has failed elsewhere.
        """
        return self._stopping(lookup.urn, lambda: self._read(lookup))

    def provider_of(self, type_: str, version: str, reference: str) -> str:
        """The provider of a type or function, configured.

        Args:
            type_: the type or function.
            version: of its package, as the program asks for it.
            reference: what the program names, or "" for the default provider.

        Returns:
            The reference to it.
        """
        package_of(type_)
        if not reference:
            reference = self._default_provider(version)
        self._providers.of(reference)
        return reference

    def package_used(self, package: str, version: str, packages: Packages) -> None:
        """Notes the default provider of a package of components, which the program uses.

        Raises:
            StoppedError: the run has failed.
        """
        with self.journal.step(), self.journal.lock:
            urn = packages.provider_urn(package, version)
            if urn not in self.journal.registered:
                old = self._claims.take(urn)
                self.journal.settle(packages.provider(package, version, old), old)

    # What is left when it has asked for everything.

    def delete_leftovers(self) -> None:
        """Deletes what the program no longer asks for, and replaced originals: dependents first.

        Raises:
            StoppedError: something could not be deleted.
        """
        self._deletions.all(self._claims.waiting())

    def destroy(self) -> None:
        """Deletes everything.

        Raises:
            StoppedError: something could not be deleted.
        """
        self._deletions.all(self._snapshot.resources)

    # From a registration to its step.

    def _stopping(self, urn: str, step: Callable[[], Resource]) -> Resource:
        with self.journal.step():
            try:
                return step()
            except ResourceError as error:
                self.journal.fail(error.urn, error.message)
            except OSError as error:
                self.journal.fail(urn, f"{error.filename} cannot be read: {error.strerror}")
        raise StoppedError

    def _registered_as(self, goal: Goal) -> Resource:
        old = self._claims.claim(goal)
        goal = replace(goal, inputs=with_hashes(goal.inputs, self._folder))
        if not goal.custom:
            return self._component(self._ignoring(goal, old), old)
        provider = self._provider_of(goal)
        importing = bool(goal.import_id) and (old is None or goal.import_id not in {old.id, old.import_id})
        if importing:
            old = self._imported(goal, old, provider)
        goal = self._ignoring(goal, old)
        before = old.inputs if old and not old.external and not old.pending_replacement else {}
        checked = self._checked(goal, before, provider)
        new = goal.as_resource(checked, provider)
        if old is None or old.external:
            return self._steps.create(new, old, Decision(Op.CREATE))
        if old.pending_replacement:
            first = Decision(Op.REPLACE, True, Difference(delete_first=True))
            return self._steps.replace(new, old, first)
        decision = decide(goal, old, self._difference(goal, old, checked))
        if importing and decision.op is Op.SAME:
            # As the real engine has it, what was imported and differs in nothing takes no step more.
            return old
        return self._changed(goal, new, old, decision)

    def _changed(self, goal: Goal, new: Resource, old: Resource, decision: Decision) -> Resource:
        if decision.op is Op.REPLACE:
            self._refuse_replacement(goal, new, old, decision.difference)
            fresh = self._checked(goal, {}, new.provider)
            return self._steps.replace(replace(new, inputs=fresh), old, decision)
        new = replace(new, id=old.id, created=old.created, modified=old.modified)
        if decision.op is Op.UPDATE:
            return self._steps.update(new, old, decision)
        return self._steps.same(replace(new, outputs=with_secrets(old.outputs, new)), old)

    def _component(self, goal: Goal, old: Resource | None) -> Resource:
        new = replace(
            goal.as_resource(goal.inputs, ""),
            outputs=old.outputs if old else {},
            created=old.created if old else "",
        )
        return self._steps.component(new, old, decide_component(goal, old))

    def _imported(self, goal: Goal, old: Resource | None, provider: str) -> Resource:
        if old is not None and not old.external:
            raise ResourceError(
                goal.urn,
                f"the stack has another one of it, {old.id}: import {goal.import_id} under a new name",
            )
        return self._steps.import_(replace(goal.as_resource(goal.inputs, provider), id=goal.import_id), old)

    def _read(self, lookup: Lookup) -> Resource:
        old = self._claims.claim_lookup(lookup.urn)
        provider = self.provider_of(lookup.type, lookup.version, lookup.provider)
        return self._steps.read(lookup.as_resource(provider), old)

    def _ignoring(self, goal: Goal, old: Resource | None) -> Goal:
        """The goal with the inputs of `ignoreChanges` as they were."""
        if old is None:
            return goal
        inputs, impossible = with_ignored(goal.inputs, old.inputs, goal.ignore_changes)
        if impossible:
            message = (
                f'cannot ignore changes in added or removed elements of the path: "{", ".join(impossible)}"'
            )
            self.journal.say(LogEvent("info", message, goal.urn))
        return replace(goal, inputs=inputs)

    def _checked(self, goal: Goal, before: Properties, provider: str) -> Properties:
        # Stable within one run, so that asking twice for one resource's name gives the same.
        seed = hashlib.sha256(self._entropy + goal.urn.encode()).digest()
        return self._calls.check(goal, before, seed, provider)

    def _difference(self, goal: Goal, old: Resource, checked: Properties) -> Difference:
        # What goes with another goes when that is replaced, whatever its provider says.
        if self._claims.is_replaced(goal.deleted_with):
            return Difference(True, (), ("deletedWith",))
        return self._calls.diff(old, checked, goal.ignore_changes)

    def _refuse_replacement(self, goal: Goal, new: Resource, old: Resource, difference: Difference) -> None:
        """Stops at what must not be replaced; a preview goes on, and says all at once."""
        for severity, message in replacement_refusals(goal, new, old, difference):
            if not self.preview:
                raise ResourceError(goal.urn, message)
            if severity == "error":
                self.journal.fail(goal.urn, message, stop=False)
            else:
                self.journal.say(LogEvent(severity, message, goal.urn))

    # Providers.

    def _provider_of(self, goal: Goal) -> str:
        """The reference to a resource's provider; one that is a provider itself has none."""
        if not goal.is_provider:
            return self.provider_of(goal.type, goal.version, goal.provider)
        package_of(goal.type.removeprefix(PROVIDER_PREFIX))
        return ""

    def _default_provider(self, version: str) -> str:
        with self.journal.lock:
            if self._default is None:
                old = self._claims.take(self._providers.default_urn(version))
                self._default = self._providers.default(version, old)
                self._providers.know([self._default])
                self.journal.settle(self._default, old)
            return f"{self._default.urn}::{self._default.id}"
