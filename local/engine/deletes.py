"""Deletions: of what the program dropped, of replaced originals, and before a replacement is made."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from .errors import ResourceError
from .instances import Providers
from .journal import Journal, StoppedError
from .order import deletion_waves, kept_by_protection, replaced_with
from .plan import Difference, Op
from .resources import ProviderCalls
from .state import Resource

_PARALLEL = 10


class Deletions:
    """Deletes resources, each after all that needs it."""

    def __init__(
        self, journal: Journal, calls: ProviderCalls, providers: Providers, *, preview: bool
    ) -> None:
        """Takes where to keep account, who deletes, and whether nothing is really done."""
        self._journal = journal
        self._calls = calls
        self._providers = providers
        self._preview = preview
        self._one_at_a_time = threading.Lock()
        # What goes in this run: what is deleted with one of these needs no call of its own.
        self._going: set[str] = set()

    def all(self, resources: Sequence[Resource]) -> None:
        """Deletes resources, as many at once as their order allows.

        Raises:
            StoppedError: something could not be deleted.
        """
        if not self._preview:
            self._providers.configure_all(resources)
        kept = kept_by_protection(resources)
        self._refuse(kept)
        self._going.update(each.urn for each in resources if each not in kept)
        with ThreadPoolExecutor(_PARALLEL) as pool:
            for wave in deletion_waves(resources):
                for done in [pool.submit(self._in_turn, each) for each in wave if each not in kept]:
                    done.result()
                if self._journal.stopped:
                    raise StoppedError

    def before_replacement(self, root: Resource, others: Sequence[Resource]) -> dict[str, Resource]:
        """Deletes a resource whose replacement cannot be made beside it, after all that must go with it.

        Args:
            root: what is to be replaced.
            others: what this run has not reached yet, and what still has to be deleted.

        Returns:
            By URN, what the state then has of them: gone, and waiting for their replacements.

        Raises:
            ResourceError: something could not be deleted, or must not be.
        """
        # Two such chains may share a resource, which must be gone before either root goes.
        with self._one_at_a_time:
            there = [each for each in others if not each.pending_replacement]
            needing = replaced_with(root, there, self._calls.is_replaced_by)
            for each in needing:
                if each.protect and not each.delete:
                    raise ResourceError(
                        root.urn,
                        f"unable to replace resource {each.urn!r} as part of replacing {root.urn!r}: it is "
                        "protected; unprotect it in the program, and run `up` first",
                    )
            self._going.update(each.urn for each in (root, *needing))
            gone = {}
            for wave in [*deletion_waves(needing), [root]]:
                for each in wave:
                    with self._deleting(each, replaced=True):
                        if each.delete:
                            self._journal.forget(each)
                        else:
                            gone[each.urn] = replace(each, pending_replacement=True)
                            self._journal.amend(each, gone[each.urn])
            return gone

    def _refuse(self, kept: Sequence[Resource]) -> None:
        """Fails for each protected resource; what can go without them does, as with the real engine."""
        for each in kept:
            if each.protect:
                self._journal.fail(
                    each.urn,
                    f"unable to delete resource {each.urn!r}: it is protected; unprotect it in the program, "
                    "and run `up` first",
                    stop=False,
                )

    def _in_turn(self, resource: Resource) -> None:
        with self._journal.step():
            try:
                if resource.pending_replacement:
                    self._journal.forget(resource)
                else:
                    with self._deleting(resource, replaced=resource.delete):
                        self._journal.forget(resource)
            except ResourceError as error:
                self._journal.fail(error.urn, error.message)

    @contextmanager
    def _deleting(self, resource: Resource, *, replaced: bool) -> Iterator[None]:
        op, label = (Op.REPLACE, "delete-replaced") if replaced else (Op.DELETE, "delete")
        with self._journal.announced(op, label, None, resource, Difference()):
            if not self._needs_call(resource):
                yield
                return
            # The state must not say in between that the resource is there and nothing is under way.
            with self._journal.pending("deleting", resource):
                self._calls.delete(resource)
                yield

    def _needs_call(self, resource: Resource) -> bool:
        silent = resource.retain_on_delete or resource.external or not resource.custom or resource.is_provider
        return not (self._preview or silent or resource.deleted_with in self._going)
