"""Aliases of a function, and how it treats asynchronous events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .lambda_configuration import invoke_arn
from .lambda_layer import MISSING
from .resource import Resource, split_import
from .schema import AutoName, document, integer, numbers, output, string, table
from .values import State

_ROUTING_TIMEOUT = 15 * 60.0


def function_name(text: str) -> str:
    """The bare name of a function that is given by its name or its ARN."""
    found = re.fullmatch(r"arn:[^:]+:lambda:[^:]+:\d*:function:([^:]+)(:.*)?", text)
    return found.group(1) if found else text


def same_function(left: Any, right: Any) -> bool:
    """Whether two values name the same function, be it by name or by ARN."""
    return isinstance(left, str) and isinstance(right, str) and function_name(left) == function_name(right)


class Alias(Resource):
    """`aws:lambda/alias:Alias`."""

    type_name = "aws:lambda/alias:Alias"
    schema = table(
        {
            "description": string(),
            "functionName": string(required=True, replaces=True, same=same_function),
            "functionVersion": string(required=True),
            "name": string(replaces=True, auto_name=AutoName(255)),
            "routingConfig": document({"additionalVersionWeights": numbers()}),
            "arn": output(),
            "invokeArn": output(),
        }
    )

    @override
    def create(self, aws: Aws, new: State) -> str:
        with aws.doing(f"creating Lambda Alias ({new['name']})"):
            answer = aws.client("lambda", new).create_alias(
                FunctionName=new["functionName"],
                Name=new["name"],
                FunctionVersion=new["functionVersion"],
                Description=new.get("description", ""),
                **({"RoutingConfig": _routing(new)} if new.get("routingConfig") else {}),
            )
        return str(answer["AliasArn"])

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        with aws.doing(f"reading Lambda Alias ({identity})"):
            found = self._alias(aws, state)
        if found is None:
            return None
        weights = (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        return {
            "arn": found["AliasArn"],
            "description": found.get("Description") or None,
            "functionVersion": found["FunctionVersion"],
            "invokeArn": invoke_arn(found["AliasArn"], state["region"]),
            "name": found["Name"],
            "routingConfig": {"additionalVersionWeights": dict(weights)} if weights else None,
        }

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        name = new["name"]
        with aws.doing(f"updating Lambda Alias ({identity})"):
            aws.client("lambda", new).update_alias(
                FunctionName=new["functionName"],
                Name=name,
                FunctionVersion=new["functionVersion"],
                Description=new.get("description", ""),
                RoutingConfig=_routing(new),
            )
        if not _routing(new)["AdditionalVersionWeights"] and not name.isdigit():
            what = f"waiting for Lambda Alias ({identity}) routing weights to clear"
            with aws.doing(what):
                aws.clock.wait(lambda: self._unrouted(aws, new), what=what, within=_ROUTING_TIMEOUT)

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        with aws.doing(f"deleting Lambda Alias ({identity})"), gone(MISSING):
            aws.client("lambda", state).delete_alias(FunctionName=state["functionName"], Name=state["name"])

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        arn = re.fullmatch(r"arn:[^:]+:lambda:[^:]+:\d+:function:([^:]+):([^:]+)", identity)
        function, name = arn.groups() if arn else split_import(identity, "/", "functionName", "alias")
        own = identity if arn else f"arn:aws:lambda:{aws.region}:{aws.account}:function:{function}:{name}"
        return own, {"functionName": function, "name": name}

    def _alias(self, aws: Aws, state: State) -> Any:
        try:
            return aws.client("lambda", state).get_alias(
                FunctionName=state["functionName"], Name=state["name"]
            )
        except ClientError as error:
            if failed_with(error, MISSING):
                return None
            raise

    def _unrouted(self, aws: Aws, new: State) -> bool:
        found = self._alias(aws, new)
        return found is not None and not (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights")


def _routing(new: State) -> dict[str, dict[str, float]]:
    weights: Mapping[str, float] = (new.get("routingConfig") or {}).get("additionalVersionWeights") or {}
    return {"AdditionalVersionWeights": dict(weights)}


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
