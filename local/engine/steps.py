"""Steps: what is done about one resource once it is decided, each announced, called and written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from .claims import Claims
from .deletes import Deletions
from .errors import ResourceError
from .hooks import ErrorHooks
from .instances import Providers
from .journal import Journal
from .plan import Decision, Difference, Op
from .providers import PartialFailureError
from .resources import ProviderCalls, with_secrets
from .state import Resource
from .values import has_unknown, secret_like


class Steps:
    """Same, create, update, replace, import and read; `deletes.py` has what deletes."""

    def __init__(
        self,
        journal: Journal,
        claims: Claims,
        providers: Providers,
        calls: ProviderCalls,
        deletions: Deletions,
    ) -> None:
        """Takes where to keep account, what the program has claimed, and who makes and deletes."""
        self._journal = journal
        self._claims = claims
        self._providers = providers
        self._calls = calls
        self._deletions = deletions
        self.hooks = ErrorHooks(journal.say)

    def component(self, new: Resource, old: Resource | None, decision: Decision) -> Resource:
        """Makes or changes what has no provider."""
        with self._journal.announced(decision.op, decision.op.value, new, old, decision.difference):
            self._journal.settle(new, old)
        return new

    def same(self, new: Resource, old: Resource) -> Resource:
        """Leaves a resource, and writes down what only the state knows of it."""
        with self._journal.announced(Op.SAME, "same", new, old, Difference()):
            self._journal.settle(new, old)
        self._providers.know([new])
        return new

    def create(self, new: Resource, old: Resource | None, decision: Decision) -> Resource:
        """Makes a resource.

        Args:
            new: as it is wanted.
            old: in whose place it is, if it is in any's.
            decision: CREATE or REPLACE, and why.

        Raises:
            ResourceError: it cannot be made; what is there of it all the same is written down.
        """
        label = "create-replacement" if decision.op is Op.REPLACE else "create"
        with (
            self._journal.announced(decision.op, label, new, old, decision.difference),
            self._journal.pending("creating", new),
        ):
            try:
                made = self.hooks.watched("create", new, None, lambda: self._calls.create(new))
            except PartialFailureError as error:
                self._settle_made(_unfinished(new, error), old)
                raise
            made = replace(made, created=_now(), modified=_now())
            self._settle_made(made, old)
        return made

    def update(self, new: Resource, old: Resource, decision: Decision) -> Resource:
        """Changes a resource in place.

        Raises:
            ResourceError: it cannot be changed; if it was in part, that is written down.
        """
        with (
            self._journal.announced(Op.UPDATE, "update", new, old, decision.difference),
            self._journal.pending("updating", new),
        ):
            try:
                made = self.hooks.watched("update", new, old, lambda: self._calls.update(new, old))
            except PartialFailureError as error:
                # The inputs are those that it last was what it should be with (pkg/engine/update.go).
                self._journal.settle(replace(_unfinished(new, error), inputs=old.inputs), old)
                raise
            made = replace(made, modified=_now())
            self._journal.settle(made, old)
        return made

    def replace(self, new: Resource, old: Resource, decision: Decision) -> Resource:
        """Makes a resource anew, beside the original or after it has gone.

        Raises:
            ResourceError: it cannot be made, or what must go first cannot be deleted.
        """
        self._claims.note_replaced(new.urn)
        if not decision.delete_first:
            made = self.create(new, old, decision)
            old = replace(old, delete=True)
        else:
            if not old.pending_replacement:
                gone = self._deletions.before_replacement(old, self._claims.waiting())
                old = gone.pop(old.urn)
                self._claims.wait_again(gone)
            made = self.create(new, old, decision)
        with self._journal.announced(Op.REPLACE, "replace", made, old, decision.difference):
            pass
        return made

    def import_(self, wanted: Resource, old: Resource | None) -> Resource:
        """Takes over what is there; how it differs from what is wanted is then changed as ever.

        Raises:
            ResourceError: nothing is there.
        """
        with self._journal.announced(Op.IMPORT, "import", wanted, old, Difference()):
            found = self._found(replace(wanted, inputs={}))
            found = replace(found, created=_now(), modified=_now())
            self._journal.settle(found, old)
        return found

    def read(self, wanted: Resource, old: Resource | None) -> Resource:
        """Looks up what is not the stack's.

        Raises:
            ResourceError: it is not there.
        """
        with self._journal.announced(Op.READ, "read", wanted, old, Difference()):
            found = wanted if has_unknown(wanted.id) else self._found(replace(wanted, outputs=wanted.inputs))
            # What the provider takes for its inputs stays out of the state, as in the real one (ReadStep).
            found = replace(found, inputs=wanted.inputs)
            if old is not None and not old.external and old.id != wanted.id:
                self._claims.doom(old)
                old = None
            if old is not None:
                found = replace(found, created=old.created, modified=old.modified)
            self._journal.settle(found, old)
        return found

    def _found(self, wanted: Resource) -> Resource:
        found = self._calls.read(wanted)
        if found is None:
            raise ResourceError(wanted.urn, f"resource '{wanted.id}' does not exist")
        return found

    def _settle_made(self, made: Resource, old: Resource | None) -> None:
        """Notes a new resource, and in the same save what becomes of the one in whose place it is."""
        with self._journal.at_once():
            # An original that is still there is deleted at the end; one that has gone ends here.
            there = old is not None and not (old.pending_replacement or old.external)
            if there and old is not None:
                self._claims.doom(old)
            self._journal.settle(made, None if there else old)


def _unfinished(new: Resource, error: PartialFailureError) -> Resource:
    outputs = with_secrets(secret_like(error.properties, new.inputs), new)
    return replace(new, id=error.id or new.id, outputs=outputs, init_errors=error.reasons, modified=_now())


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
