"""What the service keeps of layers, functions, versions, aliases, policies and mappings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .archives import Archive
from .names import LATEST


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerVersion:
    """A published layer version; functions keep the ones they use, also after their deletion."""

    arn: str
    layer_arn: str
    number: int
    archive: Archive
    created: dt.datetime
    description: str = ""
    license_info: str | None = None
    runtimes: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()


@dataclass(slots=True)
class Layer:
    """All versions of one layer; `last_number` only grows, whatever is deleted."""

    name: str
    last_number: int = 0
    versions: dict[int, LayerVersion] = field(default_factory=dict)
    policies: dict[int, Policy] = field(default_factory=dict)


@dataclass(slots=True)
class Policy:
    """The resource policy of a function, version, alias or layer version."""

    statements: dict[str, dict[str, Any]] = field(default_factory=dict)
    revision_id: str = ""

    def document(self) -> dict[str, Any]:
        """The policy as AWS forms it."""
        return {"Version": "2012-10-17", "Id": "default", "Statement": list(self.statements.values())}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logging:
    """A function's `LoggingConfig`; None is the default of the name or format."""

    group: str | None = None
    format: str = "Text"
    application_level: str | None = None
    system_level: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpc:
    """A function's `VpcConfig`; it is kept, and functions run on this machine all the same."""

    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    ipv6: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything of a function version but its code."""

    runtime: str
    handler: str
    role: str
    description: str = ""
    timeout: int = 3
    memory: int = 128
    environment: Mapping[str, str] | None = None
    layers: tuple[LayerVersion, ...] = ()
    architectures: tuple[str, ...] = ("x86_64",)
    tracing: str = "PassThrough"
    dead_letter_target: str | None = None
    ephemeral_storage: int = 512
    snap_start: str = "None"
    kms_key_arn: str | None = None
    logging: Logging = Logging()
    vpc: Vpc | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A published version, or one state of `$LATEST`.

    Attributes:
        number: `$LATEST` or a number.
        code: the uploaded archive.
        configuration: everything else.
        modified: when code or configuration last changed.
        deployment: an id that no other state of any version has.
        usable_from: until then the version is `Pending`.
        settled_from: until then its last update is `InProgress`.
        revision_ids: the RevisionId while a change is going on, and after it.
        published_from: the configuration that `$LATEST` had; None in `$LATEST` itself.
    """

    number: str
    code: Archive
    configuration: Configuration
    modified: dt.datetime
    deployment: str
    usable_from: dt.datetime
    settled_from: dt.datetime
    revision_ids: tuple[str, str]
    published_from: Configuration | None = None

    def revision_id(self, now: dt.datetime) -> str:
        """The RevisionId at a time: it changes once more when a change is done."""
        return self.revision_ids[now >= max(self.usable_from, self.settled_from)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """An alias; `weights` has the share of calls that go to another version."""

    name: str
    version: str
    description: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    revision_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventInvoke:
    """How asynchronous invocations of a function, version or alias are treated."""

    modified: dt.datetime
    retries: int | None = None
    max_age: int | None = None
    destinations: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """The provisioned concurrency of a version or alias."""

    requested: int
    modified: dt.datetime
    ready_from: dt.datetime


@dataclass(slots=True, kw_only=True)
class Function:
    """A function with all that goes when it is deleted; the keys of policies and the like are qualifiers."""

    name: str
    arn: str
    latest: Version
    last_number: int = 0
    versions: dict[int, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    event_invokes: dict[str, EventInvoke] = field(default_factory=dict)
    provisioned: dict[str, Provisioned] = field(default_factory=dict)
    reserved: int | None = None
    running: int = 0
    tags: dict[str, str] = field(default_factory=dict)

    def version(self, number: str) -> Version | None:
        """The version of a number or `$LATEST`, or None."""
        if number == LATEST:
            return self.latest
        return self.versions.get(int(number)) if number.isdecimal() else None

    def all_versions(self) -> Iterator[Version]:
        """`$LATEST`, then the published versions from the oldest to the newest."""
        yield self.latest
        yield from (self.versions[number] for number in sorted(self.versions))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """An event source mapping; `qualifier` is kept as it was given, and resolved at each poll."""

    uuid: str
    function: str
    qualifier: str | None
    source_arn: str
    enabled: bool
    batch_size: int
    window: int
    response_types: tuple[str, ...]
    concurrency: int | None
    metrics: tuple[str, ...]
    modified: dt.datetime
    settled_from: dt.datetime
    changing: str  # Creating, Updating or Deleting: what it says until then
    last_result: str = "No records processed"
    tags: Mapping[str, str] = field(default_factory=dict)
