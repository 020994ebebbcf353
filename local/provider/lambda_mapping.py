"""Event source mappings: which queue or stream feeds a function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .check import Failure
from .lambda_alias import same_function
from .lambda_layer import MISSING
from .lambda_mapping_fields import FIELDS, request_of
from .resource import Resource
from .schema import boolean, document, documents, integer, output, string, string_set, table
from .tags import retag_resource
from .values import State

_TIMEOUT = 10 * 60.0
_ENABLED = ("Enabled", "Enabling", "Creating", "Updating")


def _same_target(left: Any, right: Any) -> bool:
    """Whether two values name the same function with the same qualifier, be it by name or by ARN."""
    return same_function(left, right) and _qualifier(left) == _qualifier(right)


def _qualifier(text: str) -> str:
    parts = text.split(":")
    place = 7 if text.startswith("arn:") else 1
    return parts[place] if len(parts) > place else ""


class EventSourceMapping(Resource):
    """`aws:lambda/eventSourceMapping:EventSourceMapping`."""

    type_name = "aws:lambda/eventSourceMapping:EventSourceMapping"
    schema = table(
        {
            "functionName": string(required=True, same=_same_target),
            "batchSize": integer(),
            "bisectBatchOnFunctionError": boolean(),
            "destinationConfig": document({"onFailure": document({"destinationArn": string(required=True)})}),
            "enabled": boolean(default=True),
            "eventSourceArn": string(replaces=True),
            "filterCriteria": document({"filters": documents({"pattern": string()})}),
            "functionResponseTypes": string_set(),
            "kmsKeyArn": string(),
            "maximumBatchingWindowInSeconds": integer(),
            "maximumRecordAgeInSeconds": integer(computed=True),
            "maximumRetryAttempts": integer(computed=True),
            "metricsConfig": document({"metrics": string_set(required=True)}),
            "parallelizationFactor": integer(computed=True),
            "scalingConfig": document({"maximumConcurrency": integer()}),
            "startingPosition": string(replaces=True),
            "tumblingWindowInSeconds": integer(),
            "arn": output(),
            "functionArn": output(),
            "lastModified": output(),
            "lastProcessingResult": output(),
            "state": output(),
            "stateTransitionReason": output(),
            "uuid": output(),
        },
        tags=True,
        refused=(
            "amazonManagedKafkaEventSourceConfig", "documentDbEventSourceConfig", "provisionedPollerConfig",
            "queues", "selfManagedEventSource", "selfManagedKafkaEventSourceConfig",
            "sourceAccessConfigurations", "startingPositionTimestamp", "topics",
            "useResourceTimeoutForPropagation",
        ),
    )  # fmt: skip

    @override
    def validate(self, inputs: Mapping[str, Any]) -> Iterator[Failure]:
        if "eventSourceArn" not in inputs:
            yield Failure(
                "eventSourceArn", "one of `eventSourceArn,selfManagedEventSource` must be specified"
            )

    @override
    def adjusted(self, old: State, planned: State) -> State:
        """A batch size that is not given and AWS's own is no change (`event_source_mapping.go`).

        Any other one that is no longer given is sent as nought, which Lambda refuses, as upstream's is.
        """
        source = planned.get("eventSourceArn")
        if not isinstance(source, str):  # A preview need not know it.
            return planned
        own = 10 if ":sqs:" in source else 100
        return {"batchSize": own, **planned} if old.get("batchSize") == own else planned

    @override
    def create(self, aws: Aws, new: State) -> str:
        request: dict[str, Any] = {
            "EventSourceArn": new["eventSourceArn"],
            **request_of(new, {name for name in FIELDS if new.get(name) not in (None, "", [], {})}),
        }
        if new.get("startingPosition"):
            request["StartingPosition"] = new["startingPosition"]
        if new.get("tagsAll"):
            request["Tags"] = new["tagsAll"]
        with aws.doing(f"creating Lambda Event Source Mapping ({new['eventSourceArn']})"):
            answer = aws.clock.retry(
                lambda: aws.client("lambda", new).create_event_source_mapping(**request), when=_role_not_ready
            )
        return str(answer["UUID"])

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        _wait(aws, identity, new, "create")

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        with aws.doing(f"reading Lambda Event Source Mapping ({identity})"):
            found = _mapping(aws, identity, state)
            if found is None:
                return None
            arn = found.get("EventSourceMappingArn") or (
                f"arn:aws:lambda:{state['region']}:{aws.account}:event-source-mapping:{identity}"
            )
            tags = aws.client("lambda", state).list_tags(Resource=arn).get("Tags", {})
        kept = state.get("functionName")
        failure = ((found.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
        filters = (found.get("FilterCriteria") or {}).get("Filters") or []
        modified = found.get("LastModified")
        return {
            "arn": arn,
            "uuid": found["UUID"],
            "batchSize": found.get("BatchSize"),
            "bisectBatchOnFunctionError": found.get("BisectBatchOnFunctionError"),
            "destinationConfig": {"onFailure": {"destinationArn": failure}} if failure else None,
            "enabled": found.get("State") in _ENABLED,
            "eventSourceArn": found.get("EventSourceArn"),
            "filterCriteria": {"filters": [{"pattern": each["Pattern"]} for each in filters]}
            if filters
            else None,
            "functionArn": found["FunctionArn"],
            "functionName": kept
            if kept and _same_target(kept, found["FunctionArn"])
            else found["FunctionArn"],
            "functionResponseTypes": found.get("FunctionResponseTypes") or None,
            "kmsKeyArn": found.get("KMSKeyArn"),
            "lastModified": modified.strftime("%Y-%m-%dT%H:%M:%SZ") if modified else None,
            "lastProcessingResult": found.get("LastProcessingResult", ""),
            "maximumBatchingWindowInSeconds": found.get("MaximumBatchingWindowInSeconds"),
            "maximumRecordAgeInSeconds": found.get("MaximumRecordAgeInSeconds"),
            "maximumRetryAttempts": found.get("MaximumRetryAttempts"),
            "metricsConfig": {"metrics": (found.get("MetricsConfig") or {}).get("Metrics")}
            if (found.get("MetricsConfig") or {}).get("Metrics")
            else None,
            "parallelizationFactor": found.get("ParallelizationFactor"),
            "scalingConfig": {"maximumConcurrency": found["ScalingConfig"]["MaximumConcurrency"]}
            if (found.get("ScalingConfig") or {}).get("MaximumConcurrency")
            else None,
            "startingPosition": found.get("StartingPosition"),
            "state": found.get("State"),
            "stateTransitionReason": found.get("StateTransitionReason", ""),
            "tumblingWindowInSeconds": found.get("TumblingWindowInSeconds"),
            **aws.tag_state(tags),
        }

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        request = request_of(new, changed & set(FIELDS))
        with aws.doing(f"updating Lambda Event Source Mapping ({identity})"):
            aws.clock.retry(
                lambda: aws.client("lambda", new).update_event_source_mapping(UUID=identity, **request),
                when=_role_not_ready,
            )
        _wait(aws, identity, new, "update")

    @override
    def retag(
        self, aws: Aws, identity: str, state: State, new: Mapping[str, str], removed: list[str]
    ) -> None:
        retag_resource(aws.client("lambda", state), {"Resource": state["arn"]}, new, removed)

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        what = f"deleting Lambda Event Source Mapping ({identity})"
        with aws.doing(what), gone(MISSING):
            aws.clock.retry(
                lambda: aws.client("lambda", state).delete_event_source_mapping(UUID=identity),
                when=lambda error: failed_with(error, "ResourceInUseException"),
            )
            aws.clock.wait(lambda: _mapping(aws, identity, state) is None, what=what, within=5 * 60.0)


def _role_not_ready(error: ClientError) -> bool:
    texts = (
        "cannot be assumed by Lambda",
        "execution role does not have permissions",
        "ensure the role can perform",
    )
    return any(failed_with(error, "InvalidParameterValueException", text=text) for text in texts)


def _mapping(aws: Aws, identity: str, state: State) -> Any:
    try:
        return aws.client("lambda", state).get_event_source_mapping(UUID=identity)
    except ClientError as error:
        if failed_with(error, MISSING):
            return None
        raise


def _wait(aws: Aws, identity: str, state: State, what: str) -> None:
    full = f"waiting for Lambda Event Source Mapping ({identity}) {what}"

    def settled() -> bool:
        return (_mapping(aws, identity, state) or {}).get("State") in ("Enabled", "Disabled")

    with aws.doing(full):
        aws.clock.wait(settled, what=full, within=_TIMEOUT)
