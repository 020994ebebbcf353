"""EventBridge rules and their targets."""

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
from .policy_document import same_json
from .resource import Resource
from .s3_bucket import tag_set
from .schema import AutoName, boolean, document, integer, mapping, output, string, table
from .values import State

_MISSING = "ResourceNotFoundException"
_DEFAULT_BUS = "default"
_TARGET_ID = re.compile(r"[0-9A-Za-z_.-]{1,64}")


class EventRule(Resource):
    """`aws:cloudwatch/eventRule:EventRule`."""

    type_name = "aws:cloudwatch/eventRule:EventRule"
    schema = table(
        {
            "description": string(),
            "eventBusName": string(default=_DEFAULT_BUS, replaces=True),
            "eventPattern": string(same=same_json),
            "forceDestroy": boolean(default=False),
            "name": string(computed=True, replaces=True, auto_name=AutoName(64)),
            "roleArn": string(),
            "scheduleExpression": string(),
            "state": string(computed=True),
            "arn": output(),
        },
        tags=True,
        refused=("isEnabled", "namePrefix"),
    )

    @override
    def validate(self, inputs: Mapping[str, Any]) -> Iterator[Failure]:
        if "eventPattern" not in inputs and "scheduleExpression" not in inputs:
            yield Failure("scheduleExpression", "one of `eventPattern,scheduleExpression` must be specified")

    @override
    def create(self, aws: Aws, new: State) -> str:
        self._put(aws, new, f"creating EventBridge Rule ({new['name']})", tags=True)
        bus = new["eventBusName"]
        return str(new["name"]) if bus == _DEFAULT_BUS else f"{bus}/{new['name']}"

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        what = f"waiting for EventBridge Rule ({identity}) create"
        with aws.doing(what):
            aws.clock.wait(lambda: self._rule(aws, new), what=what, within=2 * 60.0)

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        with aws.doing(f"reading EventBridge Rule ({identity})"):
            rule = self._rule(aws, state)
            if rule is None:
                return None
            tags = aws.client("events", state).list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]
        found, kept = rule.get("EventPattern"), state.get("eventPattern")
        return {
            "arn": rule["Arn"],
            "name": rule["Name"],
            "description": rule.get("Description") or None,
            "eventPattern": kept if found and kept and same_json(kept, found) else found or None,
            "roleArn": rule.get("RoleArn") or None,
            "scheduleExpression": rule.get("ScheduleExpression") or None,
            "state": rule.get("State"),
            **aws.tag_state({each["Key"]: each["Value"] for each in tags}),
        }

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        if changed - {"forceDestroy"}:
            self._put(aws, new, f"updating EventBridge Rule ({identity})", tags=False)

    @override
    def retag(
        self, aws: Aws, identity: str, state: State, new: Mapping[str, str], removed: list[str]
    ) -> None:
        client = aws.client("events", state)
        if removed:
            client.untag_resource(ResourceARN=state["arn"], TagKeys=removed)
        if new:
            client.tag_resource(ResourceARN=state["arn"], Tags=tag_set(dict(new)))

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        client = aws.client("events", state)
        force = {"Force": True} if state.get("forceDestroy") else {}
        with aws.doing(f"deleting EventBridge Rule ({identity})"), gone(_MISSING):
            aws.clock.retry(
                lambda: client.delete_rule(Name=state["name"], EventBusName=state["eventBusName"], **force),
                when=lambda error: failed_with(error, "ValidationException", text="has targets"),
            )

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        bus, _, name = identity.rpartition("/")
        return identity, {"name": name, "eventBusName": bus or _DEFAULT_BUS}

    def _put(self, aws: Aws, new: State, what: str, *, tags: bool) -> None:
        request = {
            "Name": new["name"],
            "EventBusName": new["eventBusName"],
            "Description": new.get("description"),
            "EventPattern": new.get("eventPattern"),
            "RoleArn": new.get("roleArn"),
            "ScheduleExpression": new.get("scheduleExpression"),
            "State": new.get("state"),
            "Tags": tag_set(new.get("tagsAll") or {}) if tags else None,
        }
        client = aws.client("events", new)
        with aws.doing(what):
            aws.clock.retry(
                lambda: client.put_rule(**{key: value for key, value in request.items() if value}),
                when=lambda error: failed_with(
                    error, "ValidationException", text="cannot be assumed by principal"
                ),
                within=2 * 60.0,
            )

    def _rule(self, aws: Aws, state: State) -> Any:
        try:
            return aws.client("events", state).describe_rule(
                Name=state["name"], EventBusName=state["eventBusName"]
            )
        except ClientError as error:
            if failed_with(error, _MISSING):
                return None
            raise


class EventTarget(Resource):
    """`aws:cloudwatch/eventTarget:EventTarget`."""

    type_name = "aws:cloudwatch/eventTarget:EventTarget"
    schema = table(
        {
            "arn": string(required=True),
            "rule": string(required=True, replaces=True),
            "deadLetterConfig": document({"arn": string()}),
            "eventBusName": string(default=_DEFAULT_BUS, replaces=True),
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
        return f"{'' if bus == _DEFAULT_BUS else bus + '-'}{new['rule']}-{new['targetId']}"

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        client = aws.client("events", state)
        with aws.doing(f"reading EventBridge Target ({identity})"):
            try:
                listed = client.list_targets_by_rule(Rule=state["rule"], EventBusName=state["eventBusName"])
            except ClientError as error:
                if failed_with(error, _MISSING, "ValidationException"):
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
        with aws.doing(f"deleting EventBridge Target ({identity})"), gone(_MISSING):
            answer = aws.client("events", state).remove_targets(
                Rule=state["rule"], EventBusName=state["eventBusName"], Ids=[state["targetId"]], **force
            )
            _refuse_failed(answer, f"deleting EventBridge Target ({identity})")

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        parts = identity.rsplit("/", 2)
        if len(parts) == 2:
            parts = [_DEFAULT_BUS, *parts]
        if len(parts) != 3 or not all(parts):
            raise ValueError(f"unexpected format of ID ({identity}), expected [eventBusName/]rule/targetId")
        bus, rule, target = parts
        own = f"{'' if bus == _DEFAULT_BUS else bus + '-'}{rule}-{target}"
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
