"""The state: what the stack holds, in the order of dependency, as `pulumi stack export` writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from .urn import PROVIDER_PREFIX, child
from .urn import parse as parse_urn
from .values import Properties

# sdk/go/common/apitype/core.go, ResourceV3: the names in JSON, and the attribute of each.
_FIELDS = {
    "urn": "urn",
    "custom": "custom",
    "delete": "delete",
    "id": "id",
    "type": "type",
    "inputs": "inputs",
    "outputs": "outputs",
    "parent": "parent",
    "protect": "protect",
    "external": "external",
    "dependencies": "dependencies",
    "initErrors": "init_errors",
    "provider": "provider",
    "propertyDependencies": "property_dependencies",
    "additionalSecretOutputs": "additional_secret_outputs",
    "aliases": "aliases",
    "customTimeouts": "custom_timeouts",
    "importID": "import_id",
    "retainOnDelete": "retain_on_delete",
    "pendingReplacement": "pending_replacement",
    "ignoreChanges": "ignore_changes",
    "replaceOnChanges": "replace_on_changes",
    "deletedWith": "deleted_with",
    "resourceHooks": "resource_hooks",
    "created": "created",
    "modified": "modified",
}


# sdk/go/common/resource/hooks.go: the only kind of hook that this engine calls.
ON_ERROR = "OnError"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource, as it was last known.

    The attributes are ResourceV3's; `delete` marks a replaced original that is still there, and
    `pending_replacement` one that has gone already while its replacement has yet to be made.
    """

    urn: str
    type: str
    custom: bool = False
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, list[str]] = field(default_factory=dict)
    delete: bool = False
    protect: bool = False
    external: bool = False
    retain_on_delete: bool = False
    pending_replacement: bool = False
    import_id: str = ""
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    deleted_with: str = ""
    init_errors: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    custom_timeouts: Mapping[str, float] = field(default_factory=dict)
    resource_hooks: Mapping[str, list[str]] = field(default_factory=dict)
    created: str = ""
    modified: str = ""

    @property
    def is_provider(self) -> bool:
        """Whether it is a provider, which is configured and never created."""
        return self.type.startswith(PROVIDER_PREFIX)

    @property
    def on_error(self) -> list[str]:
        """The names of the hooks that are called when a step of it fails."""
        return self.resource_hooks.get(ON_ERROR, [])

    @property
    def name(self) -> str:
        """The name that the program gave it."""
        return parse_urn(self.urn).name

    def needs(self) -> set[str]:
        """The URNs of what has to be there for as long as this is."""
        wanted = {self.parent, self.deleted_with, *self.dependencies, self.provider.rpartition("::")[0]}
        wanted.update(urn for urns in self.property_dependencies.values() for urn in urns)
        return wanted - {""}

    def as_json(self) -> Properties:
        """As the deployment has it: without what is empty."""
        written = {name: _plain(getattr(self, attribute)) for name, attribute in _FIELDS.items()}
        always = {"urn", "custom", "type"}
        return {name: value for name, value in written.items() if value or name in always}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Resource:
        """Reads one of a deployment's resources; members that this engine has no use for are dropped."""
        values = {attribute: written[name] for name, attribute in _FIELDS.items() if name in written}
        for each in fields(cls):
            if each.default == ():
                values[each.name] = tuple(values.get(each.name) or ())
        return cls(**values)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Operation:
    """A step that was under way; what it did is not known until it ends.

    Attributes:
        type: `creating`, `updating`, `deleting` or `reading`.
        resource: as it would be.
    """

    type: str
    resource: Resource


class Snapshot:
    """The resources of a stack while a run changes them.

    What the run has dealt with comes first, in the order in which it ended, then what it has not reached yet:
    so a resource always stands behind what it needs, as long as the program registers it so.
    """

    def __init__(self, resources: list[Resource]) -> None:
        """Takes what the last run left."""
        self._before = list(resources)
        self._done: list[Resource] = []
        self._renamed: dict[str, str] = {}
        self.operations: list[Operation] = []

    @property
    def resources(self) -> list[Resource]:
        """All resources as they are known now."""
        return [*self._done, *self._before]

    def rename(self, old: str, new: str) -> None:
        """Notes that what others know under an old URN has a new one."""
        self._renamed[old] = new

    def written(self) -> list[Resource]:
        """All resources as the state should have them: none has an old URN, or refers to one.

        What the run has not reached yet, and a replaced original, take the new URN, too; so do the children
        of what has one of another type or parent (`NormalizeURNReferences` in pulumi's snapshot.go).
        """
        if not self._renamed:
            return self.resources
        renamed = dict(self._renamed)
        for each in self._before:
            if each.parent in renamed and each.urn not in renamed:
                own = parse_urn(each.urn)
                renamed[each.urn] = child(own.stack, own.project, own.type, own.name, renamed[each.parent])
        known = [referring(each, renamed, itself=each.delete) for each in self._done]
        return [*known, *(referring(each, renamed, itself=True) for each in self._before)]

    def replace_all(self, resources: list[Resource]) -> None:
        """Takes another list, as a refresh found it."""
        self._before, self._done = list(resources), []

    def settle(self, new: Resource, old: Resource | None = None) -> None:
        """Notes what a resource has become; `old` is no longer there as it was."""
        if old is not None:
            self.forget(old)
        self._done.append(new)

    def amend(self, old: Resource, new: Resource) -> None:
        """Exchanges a resource in its place."""
        for held in (self._done, self._before):
            for index, each in enumerate(held):
                if each is old:
                    held[index] = new

    def forget(self, resource: Resource) -> None:
        """Takes a resource out."""
        self._done = [each for each in self._done if each is not resource]
        self._before = [each for each in self._before if each is not resource]


def referring(resource: Resource, renamed: Mapping[str, str], *, itself: bool) -> Resource:
    """A resource with the new URN in place of each old one that it refers to, and of its own if wanted."""
    provider, separator, id_ = resource.provider.rpartition("::")
    return replace(
        resource,
        urn=renamed.get(resource.urn, resource.urn) if itself else resource.urn,
        parent=renamed.get(resource.parent, resource.parent),
        provider=renamed.get(provider, provider) + separator + id_,
        deleted_with=renamed.get(resource.deleted_with, resource.deleted_with),
        dependencies=tuple(renamed.get(urn, urn) for urn in resource.dependencies),
        property_dependencies={
            name: [renamed.get(urn, urn) for urn in urns]
            for name, urns in resource.property_dependencies.items()
        },
    )


def without_missing(before: Sequence[Resource], left: Sequence[Resource]) -> list[Resource]:
    """What is left of resources, without references to those that are gone.

    The children of one that is gone become its parent's (`rebuildBaseState` and `undangleParentResources` in
    pulumi's deployment_executor.go).
    """
    there = {each.urn for each in left}
    parents = {each.urn: each.parent for each in before}

    def parent_of(urn: str) -> str:
        while urn and urn not in there:
            urn = parents.get(urn, "")
        return urn

    def kept(each: Resource) -> Resource:
        needed = {
            name: ([urn for urn in urns if urn in there], urns)
            for name, urns in each.property_dependencies.items()
        }
        return replace(
            each,
            parent=parent_of(each.parent),
            deleted_with=each.deleted_with if each.deleted_with in there else "",
            dependencies=tuple(urn for urn in each.dependencies if urn in there),
            property_dependencies={name: now for name, (now, was) in needed.items() if now or not was},
        )

    return [kept(each) for each in left]
