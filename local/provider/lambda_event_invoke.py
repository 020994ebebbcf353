"""How asynchronous invocations of a function are treated: retries, age, destinations."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .lambda_layer import MISSING
from .resource import Resource
from .schema import document, integer, string, table
from .values import State


class FunctionEventInvokeConfig(Resource):
    """`aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig`."""

    type_name = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
    schema = table(
        {
            "functionName": string(required=True, replaces=True),
            "destinationConfig": document(
                {
                    "onFailure": document({"destination": string(required=True)}),
                    "onSuccess": document({"destination": string(required=True)}),
                }
            ),
            "maximumEventAgeInSeconds": integer(),
            "maximumRetryAttempts": integer(default=2),
            "qualifier": string(replaces=True),
        }
    )

    @override
    def create(self, aws: Aws, new: State) -> str:
        name, qualifier = new["functionName"], new.get("qualifier")
        identity = f"{name}:{qualifier}" if qualifier else str(name)
        self._put(aws, new, f"creating Lambda Function Event Invoke Config ({identity})")
        return identity

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        with aws.doing(f"reading Lambda Function Event Invoke Config ({identity})"):
            try:
                found = aws.client("lambda", state).get_function_event_invoke_config(**_target(state))
            except ClientError as error:
                if failed_with(error, MISSING):
                    return None
                raise
        destinations = {
            ours: {"destination": each["Destination"]}
            for ours, theirs in (("onFailure", "OnFailure"), ("onSuccess", "OnSuccess"))
            if (each := (found.get("DestinationConfig") or {}).get(theirs)) and each.get("Destination")
        }
        return {
            "destinationConfig": destinations or None,
            "maximumEventAgeInSeconds": found.get("MaximumEventAgeInSeconds"),
            "maximumRetryAttempts": found.get("MaximumRetryAttempts"),
        }

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        self._put(aws, new, f"updating Lambda Function Event Invoke Config ({identity})")

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        with aws.doing(f"deleting Lambda Function Event Invoke Config ({identity})"), gone(MISSING):
            aws.client("lambda", state).delete_function_event_invoke_config(**_target(state))

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        head, _, last = identity.rpartition(":")
        qualified = bool(head) and (not identity.startswith("arn:") or identity.count(":") == 7)
        return identity, {"functionName": head, "qualifier": last} if qualified else {
            "functionName": identity
        }

    def _put(self, aws: Aws, new: State, what: str) -> None:
        request: dict[str, Any] = {**_target(new), "MaximumRetryAttempts": new["maximumRetryAttempts"]}
        if new.get("maximumEventAgeInSeconds"):
            request["MaximumEventAgeInSeconds"] = new["maximumEventAgeInSeconds"]
        given = new.get("destinationConfig") or {}
        if given:
            request["DestinationConfig"] = {
                theirs: {"Destination": given[ours]["destination"]}
                for ours, theirs in (("onFailure", "OnFailure"), ("onSuccess", "OnSuccess"))
                if given.get(ours)
            }
        with aws.doing(what):
            aws.clock.retry(
                lambda: aws.client("lambda", new).put_function_event_invoke_config(**request),
                when=_destination_missing,
                within=2 * 60.0,
            )


def _target(state: State) -> dict[str, str]:
    qualifier = state.get("qualifier")
    return {"FunctionName": state["functionName"], **({"Qualifier": qualifier} if qualifier else {})}


def _destination_missing(error: ClientError) -> bool:
    texts = ("destination ARN", "does not have permissions")
    return any(failed_with(error, "InvalidParameterValueException", text=text) for text in texts)
