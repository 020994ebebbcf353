"""Log groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from typing_extensions import override

from .aws import Aws, failed_with, gone
from .check import Failure
from .resource import Resource
from .schema import AutoName, boolean, integer, output, string, table
from .values import State

_RETENTIONS = (
    0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
    3653,
)  # fmt: skip


class LogGroup(Resource):
    """`aws:cloudwatch/logGroup:LogGroup`."""

    type_name = "aws:cloudwatch/logGroup:LogGroup"
    schema = table(
        {
            "kmsKeyId": string(),
            "logGroupClass": string(computed=True, replaces=True),
            "name": string(computed=True, replaces=True, auto_name=AutoName(255)),
            "retentionInDays": integer(default=0),
            "skipDestroy": boolean(default=False),
            "arn": output(),
        },
        tags=True,
        refused=("deletionProtectionEnabled", "namePrefix"),
    )

    @override
    def validate(self, inputs: Mapping[str, Any]) -> Iterator[Failure]:
        days = inputs.get("retentionInDays")
        if isinstance(days, int) and days not in _RETENTIONS:
            yield Failure(
                "retentionInDays", f"expected retentionInDays to be one of {list(_RETENTIONS)}, got {days}"
            )

    @override
    def create(self, aws: Aws, new: State) -> str:
        request = {
            "logGroupName": new["name"],
            "kmsKeyId": new.get("kmsKeyId"),
            "logGroupClass": new.get("logGroupClass"),
            "tags": new.get("tagsAll") or None,
        }
        with aws.doing(f"creating CloudWatch Logs Log Group ({new['name']})"):
            aws.client("logs", new).create_log_group(
                **{key: value for key, value in request.items() if value}
            )
        return str(new["name"])

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        if new["retentionInDays"]:
            self._set_retention(aws, identity, new)

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        client = aws.client("logs", state)
        with aws.doing(f"reading CloudWatch Logs Log Group ({identity})"):
            pages = client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=identity)
            group = next(
                (each for page in pages for each in page["logGroups"] if each["logGroupName"] == identity),
                None,
            )
            if group is None:
                return None
            arn = str(group["arn"]).removesuffix(":*")
            tags = client.list_tags_for_resource(resourceArn=arn)["tags"]
        return {
            "arn": arn,
            "name": identity,
            "kmsKeyId": group.get("kmsKeyId"),
            "logGroupClass": group.get("logGroupClass", "STANDARD"),
            "retentionInDays": group.get("retentionInDays", 0),
            **aws.tag_state(tags),
        }

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        client = aws.client("logs", new)
        if "retentionInDays" in changed:
            self._set_retention(aws, identity, new)
        if "kmsKeyId" in changed:
            with aws.doing(f"updating CloudWatch Logs Log Group ({identity}) KMS key"):
                if new.get("kmsKeyId"):
                    client.associate_kms_key(logGroupName=identity, kmsKeyId=new["kmsKeyId"])
                else:
                    client.disassociate_kms_key(logGroupName=identity)

    @override
    def retag(
        self, aws: Aws, identity: str, state: State, new: Mapping[str, str], removed: list[str]
    ) -> None:
        client = aws.client("logs", state)
        if removed:
            client.untag_resource(resourceArn=state["arn"], tagKeys=removed)
        if new:
            client.tag_resource(resourceArn=state["arn"], tags=dict(new))

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        if state.get("skipDestroy"):
            return
        client = aws.client("logs", state)
        with aws.doing(f"deleting CloudWatch Logs Log Group ({identity})"), gone("ResourceNotFoundException"):
            aws.clock.retry(
                lambda: client.delete_log_group(logGroupName=identity),
                when=lambda error: failed_with(error, "OperationAbortedException"),
                within=60.0,
            )

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        return identity, {"name": identity}

    def _set_retention(self, aws: Aws, identity: str, new: State) -> None:
        client = aws.client("logs", new)
        with aws.doing(f"setting CloudWatch Logs Log Group ({identity}) retention policy"):
            if new["retentionInDays"]:
                client.put_retention_policy(logGroupName=identity, retentionInDays=new["retentionInDays"])
            else:
                client.delete_retention_policy(logGroupName=identity)
