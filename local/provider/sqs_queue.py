"""Queues."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, error_code
from .check import Failure
from .policy_document import same_json
from .resource import Resource
from .schema import AutoName, Property, boolean, integer, output, string, table
from .sqs_attributes import absent, attributes_of
from .values import DEFAULTS, State

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
            found = attributes_of(aws, state, identity)
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
                if not absent(error):
                    raise
            aws.clock.wait(lambda: attributes_of(aws, state, identity) is None, what=what, within=_TIMEOUT)

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
            found = attributes_of(aws, new, url)
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
