"""Aliases: which published versions a name stands for."""

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
from .schema import AutoName, document, numbers, output, string, table
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
