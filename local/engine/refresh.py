"""A refresh: every resource is read, and the state becomes what is there; what differs is drift."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from .events import Listener, LogEvent, StepEvent
from .instances import Providers
from .journal import StoppedError
from .plan import Difference, Op, changed_keys
from .providers import PartialFailureError
from .resources import ProviderCalls
from .state import Resource, Snapshot, without_missing
from .urn import short_type
from .values import secret_like

_PARALLEL = 10


@dataclass(frozen=True, slots=True)
class Reading:
    """One resource, before and after it was read.

    Attributes:
        before: as the state had it.
        after: as it is, or None where it has gone.
        difference: how it differs from the inputs that it was given.
    """

    before: Resource
    after: Resource | None
    difference: Difference = Difference()  # noqa: RUF009  (frozen)

    @property
    def drifted(self) -> bool:
        """Whether something changed it from outside."""
        return self.after is None or self.difference.changed


def refresh(
    snapshot: Snapshot,
    providers: Providers,
    tell: Listener,
    *,
    stopped: Callable[[], bool],
    clear_creates: bool = False,
) -> bool:
    """Reads every resource of the state, many at once.

    Args:
        snapshot: is changed to what is there.
        providers: read.
        tell: hears of each resource as the state had it, and of what drifted.
        stopped: whether the run was interrupted: nothing more is read then.
        clear_creates: forget creates that were interrupted, too.

    Returns:
        Whether anything drifted.

    Raises:
        ResourceError: a resource cannot be read; the state is as it was.
        StoppedError: it was interrupted; so it is, too.
    """
    before = snapshot.resources
    providers.configure_all(before)
    with ThreadPoolExecutor(_PARALLEL) as pool:
        readings = list(pool.map(lambda each: _read(each, providers, stopped), before))
    if stopped():
        raise StoppedError
    for reading in readings:
        _announce(reading, tell)
    left = [each.after for each in readings if each.after is not None]
    snapshot.replace_all(without_missing(before, left))
    _settle_operations(snapshot, tell, clear_creates=clear_creates)
    return any(each.drifted for each in readings)


def _read(resource: Resource, providers: Providers, stopped: Callable[[], bool]) -> Reading:
    silent = not resource.custom or resource.is_provider or resource.pending_replacement
    if silent or stopped():
        return Reading(resource, resource)
    calls = ProviderCalls(providers, preview=False)
    try:
        after = calls.read(resource)
    except PartialFailureError as error:
        outputs = secret_like(error.properties, resource.outputs)
        unfinished = replace(resource, outputs=outputs, init_errors=error.reasons)
        return Reading(resource, unfinished, Difference(changed=True))
    if after is None or resource.delete:
        return Reading(resource, after)
    after = replace(after, init_errors=())
    if resource.external:
        # Nobody wants it to be anything: what it was is all that it can differ from (RefreshStep in step.go).
        keys = changed_keys(resource.outputs, after.outputs)
        return Reading(resource, after, Difference(bool(keys), keys))
    return Reading(resource, after, calls.diff(after, resource.inputs, resource.ignore_changes))


def _announce(reading: Reading, tell: Listener) -> None:
    resource = reading.before
    told = StepEvent(
        op=Op.REFRESH,
        label="refresh",
        urn=resource.urn,
        type=short_type(resource.type),
        name=resource.name,
        done=True,
        old=resource,
        new=resource,
    )
    tell(told)
    if reading.drifted:
        label = "gone" if reading.after is None else "drift"
        tell(replace(told, label=label, new=reading.after, difference=reading.difference))


def _settle_operations(snapshot: Snapshot, tell: Listener, *, clear_creates: bool) -> None:
    """Forgets interrupted operations whose outcome was just read; a create left no id to be read by."""
    open_creates = [] if clear_creates else [each for each in snapshot.operations if each.type == "creating"]
    snapshot.operations[:] = open_creates
    warn_of_creates([each.resource for each in open_creates], tell)


def warn_of_creates(resources: Sequence[Resource], tell: Listener) -> None:
    """Says which creates were interrupted, and what to do."""
    for resource in resources:
        tell(
            LogEvent(
                "warning",
                "its creation was interrupted, so it may exist without being known here: look for it, import "
                "or delete it, then run `refresh --clear-pending-creates`",
                resource.urn,
            )
        )
