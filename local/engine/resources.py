"""Calls about one resource: check, diff, create, update, delete and read, in the shapes of provider.proto."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

from pulumi.runtime.proto import provider_pb2

from .goal import Goal
from .instances import Providers
from .plan import Difference, changed_keys, with_forced
from .providers import refuse, with_internal
from .state import Resource
from .values import (
    UNKNOWN,
    Properties,
    from_struct,
    is_secret,
    secret,
    secret_like,
    with_known_assets,
    without_paths,
)

_KINDS = {
    provider_pb2.PropertyDiff.ADD: "add",
    provider_pb2.PropertyDiff.ADD_REPLACE: "add-replace",
    provider_pb2.PropertyDiff.DELETE: "delete",
    provider_pb2.PropertyDiff.DELETE_REPLACE: "delete-replace",
    provider_pb2.PropertyDiff.UPDATE: "update",
    provider_pb2.PropertyDiff.UPDATE_REPLACE: "update-replace",
}


class ProviderCalls:
    """The providers, each asked about its own resources; and about itself, if the program makes it."""

    def __init__(self, providers: Providers, *, preview: bool) -> None:
        """Takes the providers, and whether nothing may be changed."""
        self._providers = providers
        self._preview = preview

    def check(self, goal: Goal, old: Properties, seed: bytes, reference: str) -> Properties:
        """The inputs as the provider takes them, with its defaults; secret where they were.

        Args:
            goal: what is wanted.
            old: the inputs of the last run.
            seed: for what is made up, such as names.
            reference: to its provider, as the state has it.

        Raises:
            ResourceError: it refuses them.
        """
        if goal.is_provider:
            wanted = {**goal.inputs, **({"version": goal.version} if goal.version else {})}
            itself = self._providers.instance(goal.urn)
            return with_internal(itself.check(goal.urn, goal.type, goal.name, old, wanted))
        provider = self._providers.of(reference)
        sent = provider.sent
        request = provider_pb2.CheckRequest(
            urn=goal.urn,
            name=goal.name,
            type=goal.type,
            olds=sent(old),
            news=sent(goal.inputs),
            randomSeed=seed,
        )
        answer = provider.call(goal.urn, provider.stub.Check, request)
        refuse(goal.urn, goal.type, goal.name, answer.failures)
        checked: Properties = secret_like(from_struct(answer.inputs), goal.inputs)
        return checked

    def diff(self, old: Resource, inputs: Properties, ignored: Sequence[str]) -> Difference:
        """How a resource differs from other inputs.

        Args:
            old: what there is.
            inputs: what is wanted, or, for drift, what it was given.
            ignored: the paths of `ignoreChanges`.
        """
        if old.is_provider:
            return _read_difference(self._providers.instance(old.urn).difference(old, inputs), old, inputs)
        provider = self._providers.of(old.provider)
        request = provider_pb2.DiffRequest(
            **_known(old),
            olds=provider.sent(without_paths(old.outputs)),
            old_inputs=provider.sent(without_paths(old.inputs)),
            news=provider.sent(without_paths(inputs)),
            ignoreChanges=ignored,
        )
        return _read_difference(provider.call(old.urn, provider.stub.Diff, request), old, inputs)

    def is_replaced_by(self, resource: Resource, names: Sequence[str]) -> bool:
        """Whether a resource would have to be replaced if these inputs of it became something else."""
        inputs = {**resource.inputs, **dict.fromkeys(names, UNKNOWN)}
        difference = self.diff(resource, inputs, resource.ignore_changes)
        return bool(with_forced(difference, resource.replace_on_changes).replaces)

    def create(self, new: Resource) -> Resource:
        """Makes a resource; in a preview gives it as far as it can be known."""
        if new.is_provider:
            return self._providers.made(new, preview=self._preview)
        provider = self._providers.of(new.provider)
        if self._preview and not provider.supports_preview:
            return replace(new, outputs=new.inputs)
        request = provider_pb2.CreateRequest(
            urn=new.urn,
            name=new.name,
            type=new.type,
            properties=provider.sent(new.inputs),
            timeout=new.custom_timeouts.get("create", 0),
            preview=self._preview,
        )
        answer = provider.call(new.urn, provider.stub.Create, request)
        return replace(new, id=answer.id, outputs=_outputs(answer.properties, new))

    def update(self, new: Resource, old: Resource) -> Resource:
        """Changes a resource in place; in a preview gives it as far as it can be known."""
        if new.is_provider:
            return self._providers.changed(new)
        provider = self._providers.of(new.provider)
        if self._preview and not provider.supports_preview:
            return replace(new, outputs={**old.outputs, **new.inputs})
        sent = provider.sent
        request = provider_pb2.UpdateRequest(
            **_known(replace(new, id=old.id)),
            olds=sent(old.outputs),
            old_inputs=sent(old.inputs),
            news=sent(new.inputs),
            timeout=new.custom_timeouts.get("update", 0),
            preview=self._preview,
        )
        answer = provider.call(new.urn, provider.stub.Update, request)
        return replace(new, outputs=_outputs(answer.properties, new))

    def delete(self, resource: Resource) -> None:
        """Deletes a resource."""
        provider = self._providers.of(resource.provider)
        sent = provider.sent
        request = provider_pb2.DeleteRequest(
            **_known(resource),
            properties=sent(without_paths(resource.outputs)),
            old_inputs=sent(without_paths(resource.inputs)),
            timeout=resource.custom_timeouts.get("delete", 0),
        )
        provider.call(resource.urn, provider.stub.Delete, request)

    def read(self, resource: Resource) -> Resource | None:
        """What a resource is now, or None where it has gone."""
        provider = self._providers.of(resource.provider)
        sent = provider.sent
        request = provider_pb2.ReadRequest(
            **_known(resource),
            properties=sent(without_paths(resource.outputs)),
            inputs=sent(without_paths(resource.inputs)),
        )
        answer = provider.call(resource.urn, provider.stub.Read, request)
        if not answer.id:
            return None
        inputs = resource.inputs
        if answer.inputs.fields:
            inputs = with_known_assets(
                secret_like(from_struct(answer.inputs), resource.inputs), resource.inputs
            )
        read = replace(resource, id=answer.id, inputs=inputs)
        outputs = secret_like(_outputs(answer.properties, read), resource.outputs)
        return replace(read, outputs=with_known_assets(outputs, resource.outputs))


class _Known(TypedDict):
    id: str
    urn: str
    name: str
    type: str


def _known(resource: Resource) -> _Known:
    """What every call about a resource that is there begins with."""
    return {"id": resource.id, "urn": resource.urn, "name": resource.name, "type": resource.type}


def _read_difference(answer: provider_pb2.DiffResponse, old: Resource, inputs: Properties) -> Difference:
    changed = answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    keys = tuple(sorted(answer.diffs))
    if answer.changes == provider_pb2.DiffResponse.DIFF_UNKNOWN:
        keys = changed_keys(old.inputs, inputs)
        changed = bool(keys)
    detailed = {
        path: {"kind": _KINDS[each.kind], "inputDiff": each.inputDiff}
        for path, each in sorted(answer.detailedDiff.items())
    }
    return Difference(
        changed or bool(answer.replaces),
        keys,
        tuple(sorted(set(answer.replaces))),
        answer.deleteBeforeReplace,
        detailed,
    )


def _outputs(properties: object, resource: Resource) -> Properties:
    outputs: Properties = secret_like(from_struct(properties), resource.inputs)  # type: ignore[arg-type]
    return with_secrets(outputs, resource)


def with_secrets(outputs: Properties, resource: Resource) -> Properties:
    """Outputs as the state has them: secret where the resource's options say so, or its inputs are.

    This holds for what stays the same, too (`continueExecuteStep` in pulumi's step_executor.go).
    """
    asked = {name for name, each in resource.inputs.items() if is_secret(each)}
    asked.update(resource.additional_secret_outputs)
    return {name: secret(each) if name in asked else each for name, each in outputs.items()}
