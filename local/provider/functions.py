"""The functions (data sources) that programs invoke: where we are, policy documents, lookups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .aws import PARTITION, SUFFIX, Aws
from .check import Failure, check_arguments
from .errors import ProviderError, UnknownNameError
from .lookups import function as looked_up_function
from .lookups import objects
from .policy_document import render
from .schema import Property, documents, integer, string, string_set, strings
from .values import State

_REGIONS = {
    "us-east-1": "US East (N. Virginia)",
    "us-east-2": "US East (Ohio)",
    "us-west-1": "US West (N. California)",
    "us-west-2": "US West (Oregon)",
    "eu-central-1": "Europe (Frankfurt)",
    "eu-west-1": "Europe (Ireland)",
}
_PRINCIPALS = documents({"identifiers": string_set(required=True), "type": string(required=True)})
_STATEMENT = {
    "actions": string_set(),
    "conditions": documents(
        {"test": string(required=True), "values": strings(required=True), "variable": string(required=True)}
    ),
    "effect": string(),
    "notActions": string_set(),
    "notPrincipals": _PRINCIPALS,
    "notResources": string_set(),
    "principals": _PRINCIPALS,
    "resources": string_set(),
    "sid": string(),
}


@dataclass(frozen=True, slots=True)
class Function:
    """One function: its arguments and how its result comes about."""

    arguments: Mapping[str, Property]
    answer: Callable[[Aws, State], State]


def _identity(aws: Aws, _arguments: State) -> State:
    with aws.doing("reading STS Caller Identity"):
        found = aws.client("sts").get_caller_identity()
    return {
        "accountId": found["Account"],
        "arn": found["Arn"],
        "id": found["Account"],
        "userId": found["UserId"],
    }


def _region(aws: Aws, arguments: State) -> State:
    if "region" in arguments and "name" in arguments:
        raise ProviderError("only one of `name` or `region` may be set")
    region = arguments.get("region") or arguments.get("name") or aws.region
    return {
        "id": region,
        "name": region,
        "region": region,
        "description": _REGIONS.get(region, region),
        "endpoint": f"ec2.{region}.{SUFFIX}",
    }


def _partition(_aws: Aws, _arguments: State) -> State:
    return {
        "id": PARTITION,
        "partition": PARTITION,
        "dnsSuffix": SUFFIX,
        "reverseDnsPrefix": ".".join(reversed(SUFFIX.split("."))),
    }


def _policy_document(_aws: Aws, arguments: State) -> State:
    return {**arguments, **render(arguments)}


FUNCTIONS: Mapping[str, Function] = {
    "aws:index/getCallerIdentity:getCallerIdentity": Function({"id": string()}, _identity),
    "aws:index/getRegion:getRegion": Function(
        {"endpoint": string(), "id": string(), "name": string(), "region": string()}, _region
    ),
    "aws:index/getPartition:getPartition": Function({"id": string()}, _partition),
    "aws:lambda/getFunction:getFunction": Function(
        {"functionName": string(required=True), "qualifier": string(), "region": string()},
        looked_up_function,
    ),
    "aws:s3/getObjects:getObjects": Function(
        {
            "bucket": string(required=True),
            "delimiter": string(),
            "maxKeys": integer(),
            "prefix": string(),
            "region": string(),
            "startAfter": string(),
        },
        objects,
    ),
    "aws:iam/getPolicyDocument:getPolicyDocument": Function(
        {
            "overrideJson": string(),
            "overridePolicyDocuments": strings(),
            "policyId": string(),
            "sourceJson": string(),
            "sourcePolicyDocuments": strings(),
            "statements": documents(_STATEMENT),
            "version": string(),
        },
        _policy_document,
    ),
}


def invoke(aws: Aws, token: str, arguments: Mapping[str, Any]) -> tuple[State, list[Failure]]:
    """The function's result, or what is wrong with its arguments.

    Raises:
        UnknownNameError: for a function that the stand-in does not know.
    """
    function = FUNCTIONS.get(token)
    if function is None:
        raise UnknownNameError(f"the function {token} is not known to the stand-in")
    given, failures = check_arguments(function.arguments, arguments)
    return ({}, failures) if failures else (function.answer(aws, given), [])
