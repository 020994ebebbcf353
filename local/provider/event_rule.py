"""EventBridge's rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .check import Failure
from .policy_document import same_json
from .resource import Resource
from .schema import AutoName, boolean, output, string, table
from .tags import retag_resource, tag_set
from .values import State

MISSING = "ResourceNotFoundException"
DEFAULT_BUS = "default"


class EventRule(Resource):
    """`aws:cloudwatch/eventRule:EventRule`."""

    type_name = "aws:cloudwatch/eventRule:EventRule"
    schema = table(
        {
            "description": string(),
            "eventBusName": string(default=DEFAULT_BUS, replaces=True),
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
        return str(new["name"]) if bus == DEFAULT_BUS else f"{bus}/{new['name']}"

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
        retag_resource(aws.client("events", state), {"ResourceARN": state["arn"]}, tag_set(new), removed)

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        client = aws.client("events", state)
        force = {"Force": True} if state.get("forceDestroy") else {}
        with aws.doing(f"deleting EventBridge Rule ({identity})"), gone(MISSING):
            aws.clock.retry(
                lambda: client.delete_rule(Name=state["name"], EventBusName=state["eventBusName"], **force),
                when=lambda error: failed_with(error, "ValidationException", text="has targets"),
            )

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        bus, _, name = identity.rpartition("/")
        return identity, {"name": name, "eventBusName": bus or DEFAULT_BUS}

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
            if failed_with(error, MISSING):
                return None
            raise
