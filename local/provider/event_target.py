"""The targets of EventBridge's rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .check import Failure
from .errors import ProviderError
from .event_rule import DEFAULT_BUS, MISSING
from .resource import Resource
from .schema import AutoName, boolean, document, integer, mapping, string, table
from .values import State

_TARGET_ID = re.compile(r"[0-9A-Za-z_.-]{1,64}")


class EventTarget(Resource):
    """`aws:cloudwatch/eventTarget:EventTarget`."""

    type_name = "aws:cloudwatch/eventTarget:EventTarget"
    schema = table(
        {
            "arn": string(required=True),
            "rule": string(required=True, replaces=True),
            "deadLetterConfig": document({"arn": string()}),
            "eventBusName": string(default=DEFAULT_BUS, replaces=True),
            "forceDestroy": boolean(default=False),
            "input": string(),
            "inputPath": string(),
            "inputTransformer": document({"inputTemplate": string(required=True), "inputPaths": mapping()}),
            "retryPolicy": document(
                {"maximumEventAgeInSeconds": integer(), "maximumRetryAttempts": integer()}
            ),
            "roleArn": string(),
            "targetId": string(computed=True, replaces=True, auto_name=AutoName(255)),
        },
        refused=(
            "appsyncTarget", "batchTarget", "ecsTarget", "httpTarget", "kinesisTarget", "redshiftTarget",
            "runCommandTargets", "sagemakerPipelineTarget", "sqsTarget",
        ),
    )  # fmt: skip

    @override
    def validate(self, inputs: Mapping[str, Any]) -> Iterator[Failure]:
        given = [name for name in ("input", "inputPath", "inputTransformer") if name in inputs]
        if len(given) > 1:
            yield Failure(
                given[0], f"Conflicting configuration arguments: {', '.join(given)} exclude each other"
            )
        target = inputs.get("targetId")
        if isinstance(target, str) and not _TARGET_ID.fullmatch(target):
            yield Failure(
                "targetId",
                f'"{target}" can have only letters, digits and . - _, and at most 64 of them',
            )

    @override
    def create(self, aws: Aws, new: State) -> str:
        self._put(aws, new, f"creating EventBridge Target ({new['rule']}-{new['targetId']})")
        bus = new["eventBusName"]
        return f"{'' if bus == DEFAULT_BUS else bus + '-'}{new['rule']}-{new['targetId']}"

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        client = aws.client("events", state)
        with aws.doing(f"reading EventBridge Target ({identity})"):
            try:
                listed = client.list_targets_by_rule(Rule=state["rule"], EventBusName=state["eventBusName"])
            except ClientError as error:
                if failed_with(error, MISSING, "ValidationException"):
                    return None
                raise
        target = next((each for each in listed["Targets"] if each["Id"] == state["targetId"]), None)
        if target is None:
            return None
        retry, dead, transformer = (
            target.get(name) for name in ("RetryPolicy", "DeadLetterConfig", "InputTransformer")
        )
        return {
            "arn": target["Arn"],
            "input": target.get("Input"),
            "inputPath": target.get("InputPath"),
            "roleArn": target.get("RoleArn"),
            "deadLetterConfig": {"arn": dead["Arn"]} if dead else None,
            "retryPolicy": _renamed(retry, _RETRY) if retry else None,
            "inputTransformer": _renamed(transformer, _TRANSFORMER) if transformer else None,
        }

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        if changed - {"forceDestroy"}:
            self._put(aws, new, f"updating EventBridge Target ({identity})")

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        force = {"Force": True} if state.get("forceDestroy") else {}
        with aws.doing(f"deleting EventBridge Target ({identity})"), gone(MISSING):
            answer = aws.client("events", state).remove_targets(
                Rule=state["rule"], EventBusName=state["eventBusName"], Ids=[state["targetId"]], **force
            )
            _refuse_failed(answer, f"deleting EventBridge Target ({identity})")

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        parts = identity.rsplit("/", 2)
        if len(parts) == 2:
            parts = [DEFAULT_BUS, *parts]
        if len(parts) != 3 or not all(parts):
            raise ValueError(f"unexpected format of ID ({identity}), expected [eventBusName/]rule/targetId")
        bus, rule, target = parts
        own = f"{'' if bus == DEFAULT_BUS else bus + '-'}{rule}-{target}"
        return own, {"eventBusName": bus, "rule": rule, "targetId": target}

    def _put(self, aws: Aws, new: State, what: str) -> None:
        target: dict[str, Any] = {"Id": new["targetId"], "Arn": new["arn"]}
        for ours, theirs in {"input": "Input", "inputPath": "InputPath", "roleArn": "RoleArn"}.items():
            if new.get(ours):
                target[theirs] = new[ours]
        if new.get("deadLetterConfig"):
            target["DeadLetterConfig"] = {"Arn": new["deadLetterConfig"]["arn"]}
        if new.get("retryPolicy"):
            target["RetryPolicy"] = _renamed(
                new["retryPolicy"], {ours: theirs for theirs, ours in _RETRY.items()}
            )
        if new.get("inputTransformer"):
            names = {ours: theirs for theirs, ours in _TRANSFORMER.items()}
            target["InputTransformer"] = _renamed(new["inputTransformer"], names)
        with aws.doing(what):
            answer = aws.client("events", new).put_targets(
                Rule=new["rule"], EventBusName=new["eventBusName"], Targets=[target]
            )
        _refuse_failed(answer, what)


_RETRY = {
    "MaximumEventAgeInSeconds": "maximumEventAgeInSeconds",
    "MaximumRetryAttempts": "maximumRetryAttempts",
}
_TRANSFORMER = {"InputTemplate": "inputTemplate", "InputPathsMap": "inputPaths"}


def _renamed(value: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[name]: item for name, item in value.items() if name in names}


def _refuse_failed(answer: Mapping[str, Any], what: str) -> None:
    """Fails when EventBridge says yes but lists entries that it did not take."""
    entries = answer.get("FailedEntries") or []
    if entries:
        said = "; ".join(
            f"{each['TargetId']}: {each['ErrorCode']}: {each['ErrorMessage']}" for each in entries
        )
        raise ProviderError(f"{what}: {said}")
