"""A goal: what the program wants of a resource, read from its registration; unknown options are refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pulumi.runtime.proto import resource_pb2

from .aliases import Alias
from .errors import ResourceError, UnsupportedError
from .paths import parse
from .state import ON_ERROR, Resource
from .urn import PROVIDER_PREFIX, child
from .values import Properties, from_struct

# The members of RegisterResourceRequest (resource.proto) that `read_goal` reads.
_READ = {
    "type",
    "name",
    "parent",
    "custom",
    "object",
    "version",
    "dependencies",
    "propertyDependencies",
    "protect",
    "retainOnDelete",
    "deleteBeforeReplace",
    "deleteBeforeReplaceDefined",
    "ignoreChanges",
    "replaceOnChanges",
    "additionalSecretOutputs",
    "deletedWith",
    "customTimeouts",
    "aliases",
    "aliasURNs",
    "importId",
    "hooks",
    "provider",
    "remote",
}
# Those that say what the SDK understands and where it is, and wish nothing of the resource; a component's
# providers are for its children, which the SDK hands them on to.
_ABOUT_THE_CALL = {
    "acceptSecrets",
    "acceptResources",
    "accepts_byte_string",
    "aliasSpecs",
    "supportsPartialValues",
    "supportsResultReporting",
    "sourcePosition",
    "stackTrace",
    "parentStackTraceHandle",
    "providers",
}
# What people call the others.
REFUSED_OF_PLUGINS = {
    "packageRef": "packages by reference",
    "pluginDownloadURL": "plugin downloads",
    "pluginChecksums": "plugin checksums",
}
_NAMES = {
    **REFUSED_OF_PLUGINS,
    "replace_with": "replaceWith",
    "replacement_trigger": "replacement triggers",
    "envVarMappings": "variable mappings",
    "state_migrations": "state migrations",
}

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ms|us|µs|ns|[hms])", re.ASCII)
_DURATION = re.compile(f"(?:{_PART.pattern})+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Goal:
    """A resource as the program registers it; the attributes are those of RegisterResourceRequest.

    Attributes:
        urn: made from type, name and parent.
        aliases: what it may have been called before.
        import_id: of what is there already and is to be taken over, or "".
        provider: the reference to its provider, `URN::ID`, or "" for the default one.
        on_error: the names of the hooks that are called when a step of it fails.
        delete_before_replace: None where the program leaves it to the provider.
    """

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    inputs: Properties
    version: str
    dependencies: tuple[str, ...]
    property_dependencies: Mapping[str, list[str]]
    protect: bool
    retain_on_delete: bool
    delete_before_replace: bool | None
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    additional_secret_outputs: tuple[str, ...]
    deleted_with: str
    custom_timeouts: Mapping[str, float]
    aliases: tuple[Alias, ...]
    import_id: str
    on_error: tuple[str, ...]
    provider: str

    @property
    def is_provider(self) -> bool:
        """Whether it is a provider, which the engine itself keeps."""
        return self.type.startswith(PROVIDER_PREFIX)

    def as_resource(self, inputs: Properties, provider: str) -> Resource:
        """The resource as it is wanted, before it is made.

        Args:
            inputs: as its provider takes them.
            provider: the reference to that.
        """
        return Resource(
            urn=self.urn,
            type=self.type,
            custom=self.custom,
            inputs=inputs,
            parent=self.parent,
            provider=provider,
            dependencies=self.dependencies,
            property_dependencies=self.property_dependencies,
            protect=self.protect,
            retain_on_delete=self.retain_on_delete,
            import_id=self.import_id,
            ignore_changes=self.ignore_changes,
            replace_on_changes=self.replace_on_changes,
            deleted_with=self.deleted_with,
            additional_secret_outputs=self.additional_secret_outputs,
            custom_timeouts=self.custom_timeouts,
            resource_hooks={ON_ERROR: list(self.on_error)} if self.on_error else {},
        )


def read_goal(request: resource_pb2.RegisterResourceRequest, stack: str, project: str) -> Goal:
    """Reads a registration.

    Raises:
        UnsupportedError: it has an option that this engine would have to ignore.
        ResourceError: a path of `replaceOnChanges` is none.
    """
    refuse_unknown(request)
    urn = child(stack, project, request.type, request.name, request.parent)
    for path in request.replaceOnChanges:
        try:
            parse(path)
        except ValueError as error:
            raise ResourceError(urn, f"replaceOnChanges: {error}") from error
    return Goal(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=request.custom,
        inputs=from_struct(request.object),
        version=request.version,
        # Sets, which the SDK sends in an order of the moment.
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={
            name: sorted(each.urns) for name, each in request.propertyDependencies.items()
        },
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        deleted_with=request.deletedWith,
        custom_timeouts=_timeouts(request),
        aliases=(*map(Alias.read, request.aliases), *(Alias(urn=each) for each in request.aliasURNs)),
        import_id=request.importId,
        on_error=tuple(request.hooks.on_error),
        provider=request.provider,
    )


def refuse_unknown(request: resource_pb2.RegisterResourceRequest) -> None:
    """Refuses whatever is asked for and not read here, also what later versions of the protocol may add.

    Raises:
        UnsupportedError: with the name of it.
    """
    where = f"(of {request.type} {request.name})"
    for field, value in request.ListFields():
        # Messages without content, such as hooks that nobody binds, ask for nothing.
        empty = field.message_type is not None and not field.is_repeated and not value.ByteSize()
        if field.name not in _READ | _ABOUT_THE_CALL and not empty:
            raise UnsupportedError(f"{_NAMES.get(field.name, field.name)} {where}")
    for field, _ in request.hooks.ListFields():
        if field.name != "on_error":
            raise UnsupportedError(f"{field.name} hooks {where}")


def _timeouts(request: resource_pb2.RegisterResourceRequest) -> dict[str, float]:
    given = request.customTimeouts
    named = {"create": given.create, "update": given.update, "delete": given.delete}
    return {operation: _seconds(text, request.name) for operation, text in named.items() if text}


def _seconds(text: str, name: str) -> float:
    """Reads a duration as Go writes it, such as `1h5m` or `500ms` (`time.ParseDuration`)."""
    if not _DURATION.fullmatch(text):
        raise UnsupportedError(f"the duration {text!r} (of {name})")
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
