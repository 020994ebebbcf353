"""Claims: what earlier runs left, taken by the program resource by resource; the rest waits to be deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .aliases import old_urns
from .errors import ResourceError
from .goal import Goal
from .journal import Journal
from .state import Resource, Snapshot


class Claims:
    """Which resources of the state the program has asked for, under which names, and which are left.

    Every method may be called from any thread: all hold the journal's lock.
    """

    def __init__(self, snapshot: Snapshot, journal: Journal) -> None:
        """Takes the state as the last run left it, and who writes down what becomes of it."""
        self._snapshot = snapshot
        self._journal = journal
        # What the program has not asked for yet; then what it has, and under which old names that was found.
        self._olds = {each.urn: each for each in snapshot.resources if not each.delete}
        self._known = frozenset(self._olds)
        self._claimed: set[str] = set()
        self._renamed: dict[str, str] = {}
        self._replaced: set[str] = set()
        # Replaced originals of this run and of runs that failed: deleted at the end.
        self._doomed = [each for each in snapshot.resources if each.delete]

    def claim(self, goal: Goal) -> Resource | None:
        """Finds what there is of a resource, under its name or one it had, and takes it for this goal.

        Raises:
            ResourceError: another resource of this run has that name, or had it.
        """
        with self._journal.lock:
            self._claim_name(goal.urn)
            for urn in (goal.urn, *old_urns(goal.urn, goal.parent, goal.aliases, self._renamed)):
                if urn != goal.urn and urn in self._claimed & self._known:
                    raise ResourceError(
                        goal.urn, f"Duplicate resource alias '{urn}': another resource has that name"
                    )
                old = self._olds.pop(urn, None)
                if old is not None:
                    self._note_name(old, goal.urn)
                    return old
        return None

    def claim_lookup(self, urn: str) -> Resource | None:
        """Takes what there is under the name of a resource that is looked up.

        Raises:
            ResourceError: another resource of this run has that name.
        """
        with self._journal.lock:
            self._claim_name(urn)
            return self._olds.pop(urn, None)

    def take(self, urn: str) -> Resource | None:
        """Takes a provider that the engine itself keeps, under its one name."""
        with self._journal.lock:
            return self._olds.pop(urn, None)

    def wait_again(self, resources: Mapping[str, Resource]) -> None:
        """Notes, by URN, what the program has yet to ask for as other than it was."""
        with self._journal.lock:
            self._olds.update(resources)

    def note_replaced(self, urn: str) -> None:
        """Notes that a resource is replaced in this run."""
        with self._journal.lock:
            self._replaced.add(urn)

    def is_replaced(self, urn: str) -> bool:
        """Whether a resource is replaced in this run."""
        with self._journal.lock:
            return urn in self._replaced

    def doom(self, old: Resource) -> None:
        """Marks a replaced original: it is deleted at the end, or by the next run."""
        doomed = replace(old, delete=True)
        with self._journal.lock:
            self._journal.amend(old, doomed)
            self._doomed.append(doomed)

    def waiting(self) -> Sequence[Resource]:
        """What the program has not asked for, and what was replaced; in the order of dependency."""
        with self._journal.lock:
            there = {id(each) for each in (*self._doomed, *self._olds.values())}
            return [each for each in self._snapshot.resources if id(each) in there]

    def _claim_name(self, urn: str) -> None:
        if urn in self._claimed:
            raise ResourceError(urn, f"Duplicate resource URN '{urn}'; try giving it a unique name")
        self._claimed.add(urn)

    def _note_name(self, old: Resource, urn: str) -> None:
        if old.urn != urn:
            self._claimed.add(old.urn)
            self._renamed[urn] = old.urn
            self._snapshot.rename(old.urn, urn)
