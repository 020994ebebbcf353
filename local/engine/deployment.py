"""One run: takes each registration to its step, and afterwards deletes what is left."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from .aliases import old_urns
from .deletes import Deletions
from .details import value_text
from .errors import ResourceError
from .events import LogEvent
from .goal import Goal, ReadGoal
from .hooks import ErrorHooks
from .instances import Providers
from .journal import Journal, StoppedError
from .packages import Packages
from .plan import Decision, Difference, Op, decide, decide_component, with_ignored
from .providers import PartialFailureError, package_of
from .resources import ProviderCalls, with_secrets
from .state import ON_ERROR, Resource, Snapshot
from .urn import PROVIDER_PREFIX, STACK_TYPE
from .values import Properties, has_unknown, masked, secret_like, with_hashes


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
        self._calls = ProviderCalls(providers, preview=preview)
        self._deletions = Deletions(journal, self._calls, providers, preview=preview)
        self._snapshot = snapshot
        self.journal = journal
        self.hooks = ErrorHooks(journal.say)
        self._folder = folder
        self.preview = preview
        self._entropy = os.urandom(16)
        self.outputs: Properties = {}
        self._default: Resource | None = None
        # What the program has not asked for yet; then what it has, and under which old names that was found.
        self._olds = {each.urn: each for each in snapshot.resources if not each.delete}
        self._known = frozenset(self._olds)
        self._claimed: set[str] = set()
        self._renamed: dict[str, str] = {}
        self._replaced: set[str] = set()
        # Replaced originals of this run and of runs that failed: deleted at the end.
        self._doomed = [each for each in snapshot.resources if each.delete]

    # What the program asks for.

    def register(self, goal: Goal) -> Resource:
        """Brings one resource to what is wanted, and gives what it then is.

        Raises:
            StoppedError: the run has failed, here or elsewhere.
        """
        with self.journal.step():
            try:
                return self._registered_as(goal)
            except ResourceError as error:
                self.journal.fail(error.urn, error.message)
            except OSError as error:
                self.journal.fail(goal.urn, f"{error.filename} cannot be read: {error.strerror}")
        raise StoppedError

    def read(self, goal: ReadGoal) -> Resource:
        """Looks up a resource that is not the stack's; gives what it is.

        Raises:
            StoppedError: there is none, or the run has failed elsewhere.
        """
        with self.journal.step():
            try:
                return self._read(goal)
            except ResourceError as error:
                self.journal.fail(error.urn, error.message)
        raise StoppedError

    def set_outputs(self, urn: str, outputs: Properties) -> None:
        """Notes what a component gives.

        Raises:
            StoppedError: the component was never registered, or the run has failed.
        """
        with self.journal.lock:
            resource = self.journal.registered.get(urn)
            if resource is None:
                raise StoppedError
            if resource.type == STACK_TYPE:
                self.outputs = outputs
            else:
                self.journal.amend(resource, replace(resource, outputs=outputs))

    def settle_outputs(self, *, whole: bool) -> None:
        """Writes down what the stack gives, once the program has ended.

        Args:
            whole: whether the program registered all that it wanted. If not, what it gave stands over what
                the stack gave before, as the real engine has it (pkg/resource/deploy/step_executor.go).
        """
        with self.journal.lock:
            registered = self.journal.registered.values()
            stack = next((each for each in registered if each.type == STACK_TYPE), None)
            if stack is not None:
                outputs = self.outputs if whole else {**stack.outputs, **self.outputs}
                self.journal.amend(stack, replace(stack, outputs=outputs))

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
                old = self._olds.pop(urn, None)
                self.journal.settle(packages.provider(package, version, old), old)

    def _default_provider(self, version: str) -> str:
        with self.journal.lock:
            if self._default is None:
                old = self._olds.pop(self._providers.default_urn(version), None)
                self._default = self._providers.default(version, old)
                self._providers.know([self._default])
                self.journal.settle(self._default, old)
            return _reference(self._default)

    def delete_leftovers(self) -> None:
        """Deletes what the program no longer asks for, and replaced originals: dependents first.

        Raises:
            StoppedError: something could not be deleted.
        """
        self._deletions.all(self._waiting())

    def destroy(self) -> None:
        """Deletes everything.

        Raises:
            StoppedError: something could not be deleted.
        """
        self._deletions.all(self._snapshot.resources)

    # Steps.

    def _registered_as(self, goal: Goal) -> Resource:
        old = self._claim(goal)
        inputs = with_hashes(with_ignored(goal, old), self._folder)
        if not goal.custom:
            return self._component(goal, old, inputs)
        provider = self._provider_of(goal)
        importing = bool(goal.import_id) and (old is None or goal.import_id not in {old.id, old.import_id})
        if importing:
            old = self._imported(goal, old, provider)
        before = old.inputs if old and not old.external and not old.pending_replacement else {}
        checked = self._calls.check(goal, inputs, before, self._seed(goal.urn), provider)
        new = self._wanted(goal, checked, provider)
        if old is None or old.external:
            return self._create(new, old, Decision(Op.CREATE))
        if old.pending_replacement:
            return self._replace(new, old, Decision(Op.REPLACE, True, Difference(delete_first=True)))
        decision = decide(goal, old, self._difference(goal, old, checked))
        if decision.op is Op.REPLACE:
            self._check_replaceable(goal, new, old, decision.difference)
            fresh = self._calls.check(goal, inputs, {}, self._seed(goal.urn), provider)
            return self._replace(replace(new, inputs=fresh), old, decision)
        new = replace(new, id=old.id, created=old.created, modified=old.modified)
        if decision.op is Op.UPDATE:
            return self._update(new, old, decision)
        # As the real engine has it, what was imported and differs in nothing takes no step more.
        return old if importing else self._same(replace(new, outputs=with_secrets(old.outputs, new)), old)

    def _difference(self, goal: Goal, old: Resource, checked: Properties) -> Difference:
        with self.journal.lock:
            gone_with = goal.deleted_with in self._replaced
        # What goes with another goes when that is replaced, whatever its provider says.
        return Difference(True, (), ("deletedWith",)) if gone_with else self._calls.diff(goal, old, checked)

    def _same(self, new: Resource, old: Resource) -> Resource:
        with self.journal.announced(Op.SAME, "same", new, old, Difference()):
            self.journal.settle(new, old)
        self._providers.know([new])
        return new

    def _provider_of(self, goal: Goal) -> str:
        """The reference to a resource's provider; one that is a provider itself has none."""
        if not goal.is_provider:
            return self.provider_of(goal.type, goal.version, goal.provider)
        package_of(goal.type.removeprefix(PROVIDER_PREFIX))
        return ""

    def _claim(self, goal: Goal) -> Resource | None:
        """Finds what there is of a resource, under its name or one it had, and takes it for this goal."""
        with self.journal.lock:
            self._claim_name(goal.urn)
            for urn in (goal.urn, *old_urns(goal.urn, goal.parent, goal.aliases, self._renamed)):
                if urn != goal.urn and urn in self._claimed & self._known:
                    raise ResourceError(
                        goal.urn, f"Duplicate resource alias '{urn}': another resource has that name"
                    )
                old = self._olds.pop(urn, None)
                if old is not None:
                    if urn != goal.urn:
                        self._claimed.add(urn)
                        self._renamed[goal.urn] = urn
                        self._snapshot.rename(urn, goal.urn)
                    return old
        return None

    def _claim_name(self, urn: str) -> None:
        if urn in self._claimed:
            raise ResourceError(urn, f"Duplicate resource URN '{urn}'; try giving it a unique name")
        self._claimed.add(urn)

    def _component(self, goal: Goal, old: Resource | None, inputs: Properties) -> Resource:
        decision = decide_component(replace(goal, inputs=inputs), old)
        new = replace(
            self._wanted(goal, inputs, ""),
            outputs=old.outputs if old else {},
            created=old.created if old else "",
        )
        with self.journal.announced(decision.op, decision.op.value, new, old, decision.difference):
            self.journal.settle(new, old)
        return new

    def _wanted(self, goal: Goal, inputs: Properties, provider: str) -> Resource:
        return Resource(
            urn=goal.urn,
            type=goal.type,
            custom=goal.custom,
            inputs=inputs,
            parent=goal.parent,
            provider=provider,
            dependencies=goal.dependencies,
            property_dependencies=goal.property_dependencies,
            protect=goal.protect,
            retain_on_delete=goal.retain_on_delete,
            import_id=goal.import_id,
            ignore_changes=goal.ignore_changes,
            replace_on_changes=goal.replace_on_changes,
            deleted_with=goal.deleted_with,
            additional_secret_outputs=goal.additional_secret_outputs,
            custom_timeouts=goal.custom_timeouts,
            resource_hooks={ON_ERROR: list(goal.on_error)} if goal.on_error else {},
        )

    def _imported(self, goal: Goal, old: Resource | None, provider: str) -> Resource:
        """Takes over what is there; how it differs from what is wanted is then changed as ever."""
        if old is not None and not old.external:
            raise ResourceError(
                goal.urn,
                f"the stack has another one of it, {old.id}: import {goal.import_id} under a new name",
            )
        wanted = replace(self._wanted(goal, goal.inputs, provider), id=goal.import_id)
        with self.journal.announced(Op.IMPORT, "import", wanted, old, Difference()):
            found = self._calls.read(replace(wanted, inputs={}))
            if found is None:
                raise ResourceError(goal.urn, f"resource '{goal.import_id}' does not exist")
            found = replace(found, created=_now(), modified=_now())
            self.journal.settle(found, old)
        return found

    def _read(self, goal: ReadGoal) -> Resource:
        with self.journal.lock:
            self._claim_name(goal.urn)
            old = self._olds.pop(goal.urn, None)
        provider = self.provider_of(goal.type, goal.version, goal.provider)
        wanted = Resource(
            urn=goal.urn,
            type=goal.type,
            custom=True,
            external=True,
            id=goal.id,
            inputs=goal.inputs,
            parent=goal.parent,
            provider=provider,
            dependencies=goal.dependencies,
            additional_secret_outputs=goal.additional_secret_outputs,
        )
        with self.journal.announced(Op.READ, "read", wanted, old, Difference()):
            found = wanted if has_unknown(goal.id) else self._calls.read(replace(wanted, outputs=goal.inputs))
            if found is None:
                raise ResourceError(goal.urn, f"resource '{goal.id}' does not exist")
            # What the provider takes for its inputs stays out of the state, as in the real one (ReadStep).
            found = replace(found, inputs=goal.inputs)
            if old is not None and not old.external and old.id != goal.id:
                self._doom(old)
                old = None
            if old is not None:
                found = replace(found, created=old.created, modified=old.modified)
            self.journal.settle(found, old)
        return found

    def _create(self, new: Resource, old: Resource | None, decision: Decision) -> Resource:
        label = "create-replacement" if decision.op is Op.REPLACE else "create"
        with (
            self.journal.announced(decision.op, label, new, old, decision.difference),
            self.journal.pending("creating", new),
        ):
            try:
                made = self.hooks.watched("create", new, None, lambda: self._calls.create(new))
            except PartialFailureError as error:
                self._settle_made(_unfinished(new, error), old)
                raise
            made = replace(made, created=_now(), modified=_now())
            self._settle_made(made, old)
        return made

    def _settle_made(self, made: Resource, old: Resource | None) -> None:
        """Notes a new resource, and in the same save what becomes of the one in whose place it is."""
        with self.journal.at_once():
            # An original that is still there is deleted at the end; one that has gone ends here.
            there = old is not None and not (old.pending_replacement or old.external)
            if there and old is not None:
                self._doom(old)
            self.journal.settle(made, None if there else old)

    def _update(self, new: Resource, old: Resource, decision: Decision) -> Resource:
        with (
            self.journal.announced(Op.UPDATE, "update", new, old, decision.difference),
            self.journal.pending("updating", new),
        ):
            try:
                made = self.hooks.watched("update", new, old, lambda: self._calls.update(new, old))
            except PartialFailureError as error:
                # The inputs are those that it last was what it should be with (pkg/engine/update.go).
                self.journal.settle(replace(_unfinished(new, error), inputs=old.inputs), old)
                raise
            made = replace(made, modified=_now())
            self.journal.settle(made, old)
        return made

    def _replace(self, new: Resource, old: Resource, decision: Decision) -> Resource:
        with self.journal.lock:
            self._replaced.add(new.urn)
        if not decision.delete_first:
            made = self._create(new, old, decision)
            old = replace(old, delete=True)
        else:
            if not old.pending_replacement:
                gone = self._deletions.before_replacement(old, self._waiting())
                old = gone.pop(old.urn)
                with self.journal.lock:
                    self._olds.update(gone)
            made = self._create(new, old, decision)
        with self.journal.announced(Op.REPLACE, "replace", made, old, decision.difference):
            pass
        return made

    def _check_replaceable(self, goal: Goal, new: Resource, old: Resource, difference: Difference) -> None:
        """Refuses to replace what is protected or was imported; a preview goes on, and says all at once.

        The order and what stops a run are the real engine's (pkg/resource/deploy/step_generator.go).
        """
        if goal.protect and old.protect:
            message = (
                f"unable to replace resource {goal.urn!r}: it is protected; remove `protect` in the program "
                "first"
            )
            if not self.preview:
                raise ResourceError(goal.urn, message)
            self.journal.fail(goal.urn, message, stop=False)
        if goal.import_id:
            before, after = masked(old.inputs), masked(new.inputs)
            differing = "".join(
                f"\n{key}: {value_text(before.get(key))} => {value_text(after.get(key))}"
                for key in difference.replaces
            )
            message = (
                "what was imported and still has an `import_` cannot be replaced; remove it in the program "
                f"first{differing}"
            )
            if not self.preview:
                raise ResourceError(goal.urn, message)
            self.journal.say(LogEvent("warning", message, goal.urn))

    def _doom(self, old: Resource) -> Resource:
        """Marks a replaced original: it is deleted at the end, or by the next run."""
        doomed = replace(old, delete=True)
        with self.journal.lock:
            self.journal.amend(old, doomed)
            self._doomed.append(doomed)
        return doomed

    def _waiting(self) -> Sequence[Resource]:
        """What the program has not asked for, and what was replaced; in the order of dependency."""
        with self.journal.lock:
            there = {id(each) for each in (*self._doomed, *self._olds.values())}
            return [each for each in self._snapshot.resources if id(each) in there]

    def _seed(self, urn: str) -> bytes:
        # Stable within one run, so that asking twice for one resource's name gives the same.
        return hashlib.sha256(self._entropy + urn.encode()).digest()


def _reference(provider: Resource) -> str:
    return f"{provider.urn}::{provider.id}"


def _unfinished(new: Resource, error: PartialFailureError) -> Resource:
    outputs = with_secrets(secret_like(error.properties, new.inputs), new)
    return replace(new, id=error.id or new.id, outputs=outputs, init_errors=error.reasons, modified=_now())


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
