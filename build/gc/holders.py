"""Who holds a function version: the ledger, aliases, what calls it. Asked only about what could go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from botocore.exceptions import ClientError

from . import ledger
from .cloud import Cloud, is_missing, told
from .decision import Choice
from .records import FunctionVersion

# The tags that the stack gives to its functions.
STACK, SHORT_NAME, LEDGER = "lamina:stack", "lamina:function", "lamina:ledger"

FOREIGN = f"of a function without the tags {STACK}, {SHORT_NAME} and {LEDGER}"
LEDGERED = "in the ledger of releases"
ALIASED = "pointed to by an alias"
PROVISIONED = "with provisioned concurrency"
CONFIGURED = "with a configuration of asynchronous invocations"
MAPPED = "called by an event source mapping"
ALLOWED = "with a policy that lets somebody call it"


class Holders:
    """Asks who holds versions."""

    def __init__(self, cloud: Cloud, arn_start: str) -> None:
        """Asks nothing yet.

        Args:
            cloud: where.
            arn_start: what stands before a function's name in its ARN.
        """
        self._cloud = cloud
        self._arn_start = arn_start
        self._ledgers: dict[str, set[tuple[str, int]]] = {}

    def tags(self, function: str) -> Mapping[str, str]:
        """A function's tags.

        Raises:
            FailureError: AWS refuses.
        """
        with told(f"the tags of the function {function}"):
            return self._cloud.functions.list_tags(Resource=f"{self._arn_start}{function}").get("Tags", {})

    def free(self, function: str, candidates: Sequence[FunctionVersion]) -> Choice[FunctionVersion]:
        """Which versions of a function nobody holds.

        Args:
            function: its name.
            candidates: that are old enough to go.

        Raises:
            FailureError: AWS refuses, or the ledger cannot be read.
        """
        choice: Choice[FunctionVersion] = Choice()
        tags = self.tags(function)
        if not {STACK, SHORT_NAME, LEDGER} <= tags.keys():
            choice.staying[FOREIGN] += len(candidates)
            return choice
        short, released = tags[SHORT_NAME], self._ledger(tags[LEDGER])
        left = [version for version in candidates if (short, version.number) not in released]
        if len(left) < len(candidates):
            choice.staying[LEDGERED] += len(candidates) - len(left)
        held = self._held(function) if left else {}
        choice.divide(
            left,
            lambda version: held.get(version.number) or (ALLOWED if self._is_allowed(version) else None),
        )
        return choice

    def is_released(self, function: str, number: int) -> bool:
        """Whether the ledger has a version by now, whatever it had when it was read.

        Raises:
            FailureError: AWS refuses.
        """
        tags = self.tags(function)
        key = f"{ledger.PREFIX}{tags.get(SHORT_NAME, '')}/{number}.json"
        with told(f"the ledger's entry of {function}:{number}"):
            try:
                self._cloud.objects.head_object(Bucket=tags.get(LEDGER, ""), Key=key)
            except ClientError as error:
                if is_missing(error):
                    return False
                raise
        return True

    def _ledger(self, bucket: str) -> set[tuple[str, int]]:
        if bucket not in self._ledgers:
            self._ledgers[bucket] = ledger.released(self._cloud, bucket)
        return self._ledgers[bucket]

    def _held(self, function: str) -> Mapping[int, str]:
        """The versions of a function that are held, and by what."""
        client = self._cloud.functions
        held: dict[int, str] = dict.fromkeys(self._mapped.get(function, ()), MAPPED)
        with told(f"what belongs to the function {function}"):
            for configs in client.get_paginator("list_function_event_invoke_configs").paginate(
                FunctionName=function
            ):
                for config in configs["FunctionEventInvokeConfigs"]:
                    held |= dict.fromkeys(_numbers(config["FunctionArn"]), CONFIGURED)
            for provisions in client.get_paginator("list_provisioned_concurrency_configs").paginate(
                FunctionName=function
            ):
                for provision in provisions["ProvisionedConcurrencyConfigs"]:
                    held |= dict.fromkeys(_numbers(provision["FunctionArn"]), PROVISIONED)
            for aliases in client.get_paginator("list_aliases").paginate(FunctionName=function):
                for alias in aliases["Aliases"]:
                    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
                    for number in (alias["FunctionVersion"], *weights):
                        held |= dict.fromkeys(_numbers(number), ALIASED)
        return held

    @cached_property
    def _mapped(self) -> Mapping[str, set[int]]:
        """The versions that event source mappings name themselves, of all functions of the region."""
        found: defaultdict[str, set[int]] = defaultdict(set)
        with told(f"the event source mappings of {self._cloud.region}"):
            for page in self._cloud.functions.get_paginator("list_event_source_mappings").paginate():
                for mapping in page["EventSourceMappings"]:
                    parts = mapping["FunctionArn"].split(":")
                    if len(parts) == 8:
                        found[parts[6]].update(_numbers(parts[7]))
        return found

    def _is_allowed(self, version: FunctionVersion) -> bool:
        with told(f"the policy of {version.function}:{version.number}"):
            try:
                self._cloud.functions.get_policy(FunctionName=version.function, Qualifier=str(version.number))
            except self._cloud.functions.exceptions.ResourceNotFoundException:
                return False
        return True


def _numbers(arn: str) -> list[int]:
    """The version number at the end of an ARN, if there is one and not an alias or `$LATEST`."""
    last = arn.rpartition(":")[2]
    return [int(last)] if last.isdecimal() else []
