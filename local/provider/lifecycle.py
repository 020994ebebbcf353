"""The operations on one resource, in terms of plain values: preview or do, create, read, update, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .aws import Aws
from .diff import Difference, compare
from .errors import NotFoundError, ProviderError
from .plan import forget, imported_inputs, known, merged, plan, refreshed_inputs
from .resource import Resource
from .values import State, is_reserved

_TAGS = frozenset({"tags", "tagsAll"})


class InitError(ProviderError):
    """The object exists but is not as it should be; the state that it has is to be kept."""

    def __init__(self, identity: str, state: State, reason: str) -> None:
        super().__init__(reason)
        self.identity = identity
        self.state = state


@dataclass(frozen=True, slots=True)
class Step:
    """A planned update: the state to reach, the difference, and what forces a replacement."""

    planned: State
    difference: Difference
    replaces: frozenset[str]


def plan_update(
    resource: Resource, old: Mapping[str, Any], new: Mapping[str, Any], ignored: frozenset[str]
) -> Step:
    """What an update with the new inputs amounts to; top-level properties in `ignored` stay as they are."""
    olds = {name: value for name, value in old.items() if not is_reserved(name)}
    news = {name: value for name, value in new.items() if name not in ignored}
    news |= {name: olds[name] for name in ignored & set(resource.schema.inputs) if name in olds}
    planned = resource.adjusted(olds, plan(resource.schema, news, olds))
    first = compare(resource.schema, olds, planned)
    unknown = resource.unknown_after(olds, planned, first.names)
    planned = forget(planned, unknown)
    difference = compare(resource.schema, olds, planned) if unknown else first
    return Step(planned, difference, difference.replaces | resource.replaced_by(olds, planned, first.names))


def create(resource: Resource, aws: Aws, inputs: Mapping[str, Any]) -> tuple[str, State]:
    """Makes the object; gives its id and outputs.

    Raises:
        InitError: when something failed after the object had its id.
        ProviderError: when nothing was made.
    """
    new = known(plan(resource.schema, inputs, None))
    identity = resource.create(aws, new)
    try:
        resource.settle(aws, identity, new)
        state = _read(resource, aws, identity, new)
    except ProviderError as error:
        raise InitError(identity, {**new, "id": identity}, str(error)) from error
    return identity, {**state, "id": identity}


def _read(resource: Resource, aws: Aws, identity: str, state: State) -> State:
    found = resource.read(aws, identity, state)
    if found is None:
        raise NotFoundError(f"reading {resource.type_name} ({identity}): couldn't find resource")
    return merged(state, found)


def refresh(
    resource: Resource, aws: Aws, identity: str, state: State, inputs: Mapping[str, Any]
) -> tuple[State, State] | None:
    """Outputs and inputs as AWS has them now, None when the object is gone."""
    olds = {name: value for name, value in state.items() if not is_reserved(name)}
    found = resource.read(aws, identity, olds)
    if found is None:
        return None
    now = {**merged(olds, found), "id": identity}
    return now, refreshed_inputs(inputs, now, resource.schema)


def adopt(resource: Resource, aws: Aws, identity: str) -> tuple[str, State, State] | None:
    """Id, outputs and inputs of an object that a program imports or looks up, None when there is none.

    Raises:
        ProviderError: when the id is not of the type's form.
    """
    try:
        own, start = resource.imported(aws, identity)
    except ValueError as error:
        raise ProviderError(str(error)) from None
    if resource.schema.regional:
        start = {"region": aws.region, **start}
    start = {**known(plan(resource.schema, {}, {})), **start}
    found = resource.read(aws, own, start)
    if found is None:
        return None
    state = {**merged(start, found), "id": own}
    return own, state, imported_inputs(state, resource.schema)


def update(resource: Resource, aws: Aws, identity: str, old: Mapping[str, Any], step: Step) -> State:
    """Brings the object to the planned state; gives its outputs.

    Raises:
        InitError: when something failed; its state is what the next run starts from.
    """
    olds = {name: value for name, value in old.items() if not is_reserved(name)}
    new = merged(olds, known(step.planned))
    new = {name: value for name, value in new.items() if name in step.planned or name == "id"}
    changed = step.difference.names
    try:
        if changed & _TAGS:
            _retag(resource, aws, identity, olds, new)
        if changed - _TAGS or not changed:
            resource.update(aws, identity, olds, new, changed - _TAGS)
    except ProviderError as error:
        retried = resource.retried_after_failure(error)
        back = {name: olds[name] for name in retried if name in olds}
        kept = {name: value for name, value in new.items() if name not in retried}
        raise InitError(identity, {**kept, **back, "id": identity}, str(error)) from error
    try:
        state = _read(resource, aws, identity, new)
    except ProviderError as error:
        raise InitError(identity, {**new, "id": identity}, str(error)) from error
    return {**state, "id": identity}


def _retag(resource: Resource, aws: Aws, identity: str, old: State, new: State) -> None:
    before, after = old.get("tagsAll") or {}, new.get("tagsAll") or {}
    set_now = {name: value for name, value in after.items() if before.get(name) != value}
    removed = sorted(name for name in before if name not in after)
    if set_now or removed:
        with aws.doing(f"updating tags for {resource.type_name} ({identity})"):
            resource.retag(aws, identity, new, set_now, removed)
