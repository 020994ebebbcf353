"""Queues, and the policies that are put on them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, error_code, failed_with, gone
from .check import Failure
from .policy_document import same_json
from .resource import Resource
from .schema import AutoName, Property, boolean, integer, output, policy, string, table
from .values import DEFAULTS, State

_MISSING = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
_TIMEOUT = 3 * 60.0
_ATTRIBUTES = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
_JSON = frozenset({"policy", "redriveAllowPolicy", "redrivePolicy"})


def _absent(error: ClientError) -> bool:
    return error_code(error).endswith("NonExistentQueue") or failed_with(error, *_MISSING)


def _attributes(aws: Aws, state: State, url: str) -> dict[str, str] | None:
    try:
        answer = aws.client("sqs", state).get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    except ClientError as error:
        if _absent(error):
            return None
        raise
    return dict(answer.get("Attributes", {}))


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _equal(name: str, wanted: str, found: str) -> bool:
    return wanted == found or (bool(wanted) and name in _JSON and same_json(wanted, found))


def _suffix(inputs: Mapping[str, Any]) -> str:
    return ".fifo" if inputs.get("fifoQueue") is True else ""


class Queue(Resource):
    """`aws:sqs/queue:Queue`."""

    type_name = "aws:sqs/queue:Queue"
    schema = table(
        {
            "contentBasedDeduplication": boolean(default=False),
            "deduplicationScope": string(computed=True),
            "delaySeconds": integer(default=0),
            "fifoQueue": boolean(default=False, replaces=True),
            "fifoThroughputLimit": string(computed=True),
            "kmsDataKeyReusePeriodSeconds": integer(computed=True),
            "kmsMasterKeyId": string(),
            "maxMessageSize": integer(default=262144),
            "messageRetentionSeconds": integer(default=345600),
            "name": string(computed=True, replaces=True, auto_name=AutoName(80, suffix=_suffix)),
            "policy": string(computed=True, same=same_json),
            "receiveWaitTimeSeconds": integer(default=0),
            "redriveAllowPolicy": string(computed=True, same=same_json),
            "redrivePolicy": string(computed=True, same=same_json),
            "sqsManagedSseEnabled": boolean(computed=True),
            "visibilityTimeoutSeconds": integer(default=30),
            "arn": output(),
            "url": output(),
        },
        tags=True,
        refused=("namePrefix",),
    )

    @override
    def validate(self, inputs: Mapping[str, Any]) -> Iterator[Failure]:
        name, fifo = inputs.get("name"), inputs.get("fifoQueue") is True
        form = r"[A-Za-z0-9_-]{1,75}\.fifo" if fifo else r"[A-Za-z0-9_-]{1,80}"
        if "name" in inputs.get(DEFAULTS, ()):
            # A name that was made up before the kind changed: the replacement gets another.
            form = r"[A-Za-z0-9_-]{1,80}(\.fifo)?"
        if isinstance(name, str) and not re.fullmatch(form, name):
            yield Failure("name", f"invalid queue name: {name}")
        if inputs.get("contentBasedDeduplication") is True and not fifo:
            yield Failure(
                "contentBasedDeduplication", "content-based deduplication can only be set for FIFO queue"
            )
        if "kmsMasterKeyId" in inputs and "sqsManagedSseEnabled" in inputs:
            yield Failure(
                "sqsManagedSseEnabled", "Conflicting configuration arguments: kmsMasterKeyId is set, too"
            )

    @override
    def create(self, aws: Aws, new: State) -> str:
        sent = {
            theirs: _as_text(new[ours])
            for ours, theirs in _ATTRIBUTES.items()
            if new.get(ours) not in (None, "") and (ours not in _FIFO_ONLY or new.get("fifoQueue"))
        }
        request: dict[str, Any] = {"QueueName": new["name"], "Attributes": sent}
        if new.get("tagsAll"):
            request["tags"] = new["tagsAll"]
        with aws.doing(f"creating SQS Queue ({new['name']})"):
            answer = aws.clock.retry(
                lambda: aws.client("sqs", new).create_queue(**request),
                when=lambda error: error_code(error).endswith("QueueDeletedRecently"),
                within=_TIMEOUT / 2,
            )
        return str(answer["QueueUrl"])

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        self._wait_equal(
            aws, identity, new, set(_ATTRIBUTES), f"waiting for SQS Queue ({identity}) attributes create"
        )

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        with aws.doing(f"reading SQS Queue ({identity})"):
            found = _attributes(aws, state, identity)
            if found is None:
                return None
            tags = aws.client("sqs", state).list_queue_tags(QueueUrl=identity).get("Tags", {})
        read: State = {"arn": found["QueueArn"], "url": identity, "name": identity.rsplit("/", 1)[-1]}
        for ours, theirs in _ATTRIBUTES.items():
            read[ours] = _as_value(self.schema.properties[ours], ours, found.get(theirs), state.get(ours))
        read["kmsDataKeyReusePeriodSeconds"] = read["kmsDataKeyReusePeriodSeconds"] or 300
        return {**read, **aws.tag_state(tags)}

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        names = {name for name in changed if name in _ATTRIBUTES}
        if not names:
            return
        sent = {_ATTRIBUTES[name]: _as_text(new.get(name, "")) for name in sorted(names)}
        with aws.doing(f"updating SQS Queue ({identity}) attributes"):
            aws.client("sqs", new).set_queue_attributes(QueueUrl=identity, Attributes=sent)
        self._wait_equal(aws, identity, new, names, f"waiting for SQS Queue ({identity}) attributes update")

    @override
    def retag(
        self, aws: Aws, identity: str, state: State, new: Mapping[str, str], removed: list[str]
    ) -> None:
        client = aws.client("sqs", state)
        if removed:
            client.untag_queue(QueueUrl=identity, TagKeys=removed)
        if new:
            client.tag_queue(QueueUrl=identity, Tags=dict(new))

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        what = f"deleting SQS Queue ({identity})"
        with aws.doing(what):
            try:
                aws.client("sqs", state).delete_queue(QueueUrl=identity)
            except ClientError as error:
                if not _absent(error):
                    raise
            aws.clock.wait(lambda: _attributes(aws, state, identity) is None, what=what, within=_TIMEOUT)

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        return identity, {"url": identity, "fifoQueue": identity.endswith(".fifo")}

    def _wait_equal(self, aws: Aws, url: str, new: State, names: AbstractSet[str], what: str) -> None:
        wanted = {
            _ATTRIBUTES[name]: (name, _as_text(new[name]))
            for name in names
            if new.get(name) is not None and (name not in _FIFO_ONLY or new.get("fifoQueue"))
        }

        def equal() -> bool:
            found = _attributes(aws, new, url)
            return found is not None and all(
                _equal(name, value, found.get(theirs, "")) for theirs, (name, value) in wanted.items()
            )

        with aws.doing(what):
            aws.clock.wait(equal, what=what, within=_TIMEOUT)


_FIFO_ONLY = frozenset(
    {"fifoQueue", "contentBasedDeduplication", "deduplicationScope", "fifoThroughputLimit"}
)


def _as_value(each: Property, name: str, text: str | None, kept: Any) -> Any:
    """An attribute's text as the property's value; JSON keeps the given text if it means the same."""
    if text is None:
        return each.default
    match each.kind.name:
        case "BOOLEAN":
            return text == "true"
        case "INTEGER":
            return int(text)
    return kept if kept and name in _JSON and same_json(kept, text) else text


class QueueAttribute(Resource):
    """One attribute of a queue that is a resource of its own."""

    attribute: ClassVar[str]
    property_name: ClassVar[str]
    noun: ClassVar[str]

    @override
    def create(self, aws: Aws, new: State) -> str:
        url = str(new["queueUrl"])
        self._set(
            aws, url, new, new[self.property_name], f"setting SQS Queue ({url}) attribute ({self.attribute})"
        )
        return url

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        self._wait(aws, identity, new, new[self.property_name])

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        with aws.doing(f"reading {self.noun} ({identity})"):
            found = (_attributes(aws, state, identity) or {}).get(self.attribute)
        if not found:
            return None
        kept = state.get(self.property_name)
        return {"queueUrl": identity, self.property_name: kept if kept and same_json(kept, found) else found}

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        self.create(aws, new)
        self.settle(aws, identity, new)

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        with gone(*_MISSING):
            self._set(aws, identity, state, "", f"deleting {self.noun} ({identity})")
            self._wait(aws, identity, state, "")

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        return identity, {"queueUrl": identity}

    def _set(self, aws: Aws, url: str, state: State, value: str, what: str) -> None:
        client = aws.client("sqs", state)

        def refused(error: ClientError) -> bool:
            return failed_with(error, "InvalidAttributeValue", text="Invalid value for the parameter Policy")

        def put() -> None:
            try:
                client.set_queue_attributes(QueueUrl=url, Attributes={self.attribute: value})
            except ClientError as error:
                if value or not _absent(error):
                    raise

        with aws.doing(what):
            aws.clock.retry(put, when=refused, within=60.0)

    def _wait(self, aws: Aws, url: str, state: State, value: str) -> None:
        def reached() -> bool:
            found = (_attributes(aws, state, url) or {}).get(self.attribute, "")
            return found == value or (bool(value) and bool(found) and same_json(value, found))

        what = f"waiting for SQS Queue ({url}) attribute ({self.attribute})"
        with aws.doing(what):
            aws.clock.wait(reached, what=what, within=2 * 60.0)


class QueuePolicy(QueueAttribute):
    """`aws:sqs/queuePolicy:QueuePolicy`."""

    type_name = "aws:sqs/queuePolicy:QueuePolicy"
    noun = "SQS Queue Policy"
    attribute = "Policy"
    property_name = "policy"
    schema = table({"policy": policy(required=True), "queueUrl": string(required=True, replaces=True)})


class RedrivePolicy(QueueAttribute):
    """`aws:sqs/redrivePolicy:RedrivePolicy`."""

    type_name = "aws:sqs/redrivePolicy:RedrivePolicy"
    noun = "SQS Queue Redrive Policy"
    attribute = "RedrivePolicy"
    property_name = "redrivePolicy"
    schema = table(
        {
            "queueUrl": string(required=True, replaces=True),
            "redrivePolicy": string(required=True, same=same_json),
        }
    )
