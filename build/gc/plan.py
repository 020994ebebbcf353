"""The plan: what would be deleted and why, found with one call a page and more only for what would go."""

from __future__ import annotations

import datetime as dt
import difflib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..console import counted
from ..errors import UserError
from ..progress import Progress
from . import listing
from .apis import apis_to_go
from .artifacts import InUse, artifacts_to_go
from .cloud import Cloud
from .decision import Rules, function_versions_to_go, layers_to_go, references, twins
from .holders import LEDGER, STACK, Holders
from .records import FunctionVersion, HttpApi, Item, LayerVersion, Removal, StoredObject, Usage
from .sharing import is_shared

SHARED = "shared with another account"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asked for.

    Attributes:
        layer: the layer's name.
        rules: what stays anyway.
        functions: whether function versions go, too.
        objects: whether artifacts go, too.
        apis: whether HTTP APIs that lead nowhere go, too.
        bucket: where they are; unless given, where the tags of the layer's functions say.
    """

    layer: str
    rules: Rules
    functions: bool = False
    objects: bool = False
    apis: bool = False
    bucket: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be deleted.

    Attributes:
        asked: what this is the answer to.
        layer_arn: of the layer, without a version.
        removals: in the order in which they are deleted: function versions, layer versions, objects, APIs.
        staying: how many stay for which reason, by kind.
        twins: the layer versions with the content of a newer one, and the newest one's number.
        bucket: that was looked into, if any.
        usage: the region's code storage as it is.
    """

    asked: Asked
    layer_arn: str
    removals: tuple[Removal, ...]
    staying: Mapping[str, Mapping[str, int]]
    twins: Mapping[int, int]
    bucket: str | None
    usage: Usage

    @property
    def account(self) -> str:
        """The account's number."""
        return self.layer_arn.split(":")[4]

    def freed(self) -> int:
        """The bytes of code storage that would be free again; objects are no part of it."""
        return sum(each.size for each in self.removals if not isinstance(each.item, StoredObject))


def make_plan(cloud: Cloud, asked: Asked, progress: Progress) -> Plan:
    """Finds out what may go.

    Args:
        cloud: where.
        asked: for.
        progress: told how many versions and objects are listed and looked at.

    Raises:
        UserError: there is no such layer, or it is not known where its artifacts are.
        FailureError: AWS refuses or cannot be reached.
    """
    return _Planning(cloud, asked, progress).plan()


class _Planning:
    """Each kind of thing is planned after those that may hold it."""

    def __init__(self, cloud: Cloud, asked: Asked, progress: Progress) -> None:
        self._cloud = cloud
        self._asked = asked
        self._progress = progress
        with progress.stage("listing layer versions", total=0, unit="items") as stage:
            layer = listing.find_layer(cloud, asked.layer, stage)
        if layer is None:
            raise _unknown(cloud, asked.layer)
        self._layer = layer
        self._holders = Holders(cloud, layer.arn.partition(":layer:")[0] + ":function:")
        self._staying: dict[str, Counter[str]] = {}

    def plan(self) -> Plan:
        bucket = None
        if self._asked.functions or self._asked.objects or self._asked.apis:
            listed = list(self._listed_functions())
            removals = self._function_versions(listed) if self._asked.functions else []
            gone = {each.item for each in removals}
            left = [version for version in listed if version not in gone]
            removals += self._layer_versions(references(left))
            if self._asked.objects:
                bucket = self._asked.bucket or self._bucket(listed)
                removals += self._objects(bucket, left, {each.item for each in removals})
            if self._asked.apis:
                removals += self._apis(listed)
        else:
            # Of ten thousand function versions nothing is kept but what they refer to.
            removals = self._layer_versions(references(self._listed_functions()))
        return Plan(
            self._asked,
            self._layer.arn,
            tuple(removals),
            self._staying,
            twins(self._layer.versions),
            bucket,
            listing.usage(self._cloud),
        )

    def _listed_functions(self) -> Iterator[FunctionVersion]:
        with self._progress.stage("listing function versions", total=0, unit="items") as stage:
            yield from listing.function_versions(self._cloud, self._layer.arn, stage)

    def _function_versions(self, listed: Sequence[FunctionVersion]) -> list[Removal]:
        """Of functions of which any version has the layer."""
        by_function: defaultdict[str, list[FunctionVersion]] = defaultdict(list)
        users = _users(listed)
        for version in listed:
            if version.function in users:
                by_function[version.function].append(version)
        staying = self._staying["function versions"] = Counter()
        removals = []
        with self._progress.stage("asking who holds function versions", total=0, unit="items") as stage:
            for function in sorted(by_function):
                choice = function_versions_to_go(by_function[function], self._asked.rules)
                staying += choice.staying
                if not choice.going:
                    continue
                free = self._holders.free(function, choice.going)
                staying += free.staying
                removals += [_function_removal(version) for version in free.going]
                stage.advance(len(choice.going))
        self._staying["function versions"] = staying
        return removals

    def _layer_versions(self, referred: Collection[int]) -> list[Removal]:
        choice = layers_to_go(self._layer.versions, referred, self._asked.rules)
        copies = twins(self._layer.versions)
        removals = []
        title = "asking who shares layer versions"
        with self._progress.stage(title, total=len(choice.going), unit="items") as stage:
            for version in choice.going:
                stage.advance(1)
                if is_shared(self._cloud, self._asked.layer, version.number, self._account):
                    choice.staying[SHARED] += 1
                    continue
                size = listing.layer_size(self._cloud, self._asked.layer, version.number)
                if size is not None:
                    removals.append(_layer_removal(self._asked.layer, version, size, copies))
        self._staying["layer versions"] = choice.staying
        return removals

    def _objects(
        self, bucket: str, functions: Sequence[FunctionVersion], gone: Collection[Item]
    ) -> list[Removal]:
        digests = {version.digest for version in self._layer.versions if version not in gone}
        used = InUse.by(self._asked.layer, digests, functions)
        choice = artifacts_to_go(self._cloud, bucket, used, self._asked.rules, self._progress)
        self._staying["objects"] = choice.staying
        return [_object_removal(found) for found in choice.going]

    def _apis(self, listed: Sequence[FunctionVersion]) -> list[Removal]:
        stacks: defaultdict[str, list[str]] = defaultdict(list)
        for function in sorted(_users(listed)):
            if stack := self._holders.tags(function).get(STACK):
                stacks[stack].append(function)
        if not stacks:
            raise UserError(
                f"--apis: no function with the layer {self._asked.layer} has the tag {STACK}, which names "
                "the stack whose APIs are looked at"
            )
        choice = apis_to_go(self._cloud, stacks, self._asked.rules, self._progress)
        self._staying["HTTP APIs"] = choice.staying
        return [_api_removal(api) for api in choice.going]

    def _bucket(self, listed: Sequence[FunctionVersion]) -> str:
        users = sorted(_users(listed))
        for function in users:
            if bucket := self._holders.tags(function).get(LEDGER):
                return bucket
        raise UserError(
            f"--objects: no function with the layer {self._asked.layer} has the tag {LEDGER}, which names "
            "the artifacts bucket; name it with --bucket"
        )

    @property
    def _account(self) -> str:
        return self._layer.arn.split(":")[4]


def _users(listed: Iterable[FunctionVersion]) -> set[str]:
    """The functions of which any version has the layer."""
    return {version.function for version in listed if version.layers}


def _unknown(cloud: Cloud, name: str) -> UserError:
    """What is said of a layer that is not there: which ones have a name like it."""
    known = list(listing.layer_names(cloud))
    near = difflib.get_close_matches(name, known, n=3) or [each for each in known if name in each][:3]
    count = counted(len(known), "layer is", "layers are")
    hint = f"did you mean {' or '.join(near)}?" if near else f"{count} there"
    return UserError(f"there is no layer {name} in {cloud.region}; {hint}")


def _day(seconds: float) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%d}"


def _function_removal(version: FunctionVersion) -> Removal:
    why = f"no alias points to it and the ledger does not have it; of {_day(version.modified)}"
    return Removal(f"{version.function}:{version.number}", version, why, version.size)


def _layer_removal(layer: str, version: LayerVersion, size: int, copies: Mapping[int, int]) -> Removal:
    same = f"; the same content as version {copies[version.number]}" if version.number in copies else ""
    why = f"no function refers to it; of {_day(version.created)}{same}"
    return Removal(f"{layer}:{version.number}", version, why, size)


def _object_removal(found: StoredObject) -> Removal:
    kind = "layer" if found.key.startswith("layers/") else "function"
    why = f"of no {kind} version; of {_day(found.modified)}"
    return Removal(f"s3://{found.bucket}/{found.key}", found, why, found.size)


def _api_removal(api: HttpApi) -> Removal:
    why = f"no integration, and no function of {api.stack} lets it in; {api.name} of {_day(api.created)}"
    return Removal(f"api {api.identity}", api, why, 0)
