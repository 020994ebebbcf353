"""The policies that are put on a queue, each a resource of its own."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import ClassVar

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .policy_document import same_json
from .resource import Resource
from .schema import policy, string, table
from .sqs_attributes import MISSING, absent, attributes_of
from .values import State


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
            found = (attributes_of(aws, state, identity) or {}).get(self.attribute)
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
        with gone(*MISSING):
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
                if value or not absent(error):
                    raise

        with aws.doing(what):
            aws.clock.retry(put, when=refused, within=60.0)

    def _wait(self, aws: Aws, url: str, state: State, value: str) -> None:
        def reached() -> bool:
            found = (attributes_of(aws, state, url) or {}).get(self.attribute, "")
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
