"""The HTTP APIs of a stack that lead nowhere, such as a second one that a lost reply left behind."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from ..progress import Progress, Stage
from .cloud import Cloud, told
from .decision import YOUNG, Choice, Rules
from .holders import STACK
from .records import HttpApi
from .sharing import principals

LET_IN = "let in by a function"
INTEGRATED = "with an integration"
_GATEWAY = "apigateway.amazonaws.com"


def apis_to_go(
    cloud: Cloud, stacks: Mapping[str, Collection[str]], rules: Rules, progress: Progress
) -> Choice[HttpApi]:
    """Which APIs answer nothing: they have no integration, and no function of their stack lets them in.

    A release makes the API, lets it in, then gives it its integration. Where the reply to CreateApi is lost
    and the SDK repeats it, the first one stays as it was made, and no state has it.

    Args:
        cloud: where.
        stacks: the functions of each stack, by the value of its tag.
        rules: of which only the age counts here.
        progress: told how many APIs were listed.

    Raises:
        FailureError: AWS refuses.
    """
    choice: Choice[HttpApi] = Choice()
    with progress.stage("listing HTTP APIs", total=0, unit="items") as stage:
        listed = sorted(listed_apis(cloud, stacks, stage), key=lambda api: api.created)
    functions = {function for api in listed for function in stacks[api.stack]}
    policies = [policy for function in sorted(functions) for policy in _policies(cloud, function)]

    def reason(api: HttpApi) -> str | None:
        if any(lets_in(policy, api.identity) for policy in policies):
            return LET_IN
        if api.created > rules.before:
            return YOUNG
        return INTEGRATED if is_integrated(cloud, api.identity) else None

    choice.divide(listed, reason)
    return choice


def listed_apis(cloud: Cloud, stacks: Collection[str], stage: Stage | None = None) -> Iterator[HttpApi]:
    """The HTTP APIs of the region that have the tag of one of these stacks.

    Raises:
        FailureError: AWS refuses.
    """
    with told(f"the HTTP APIs of {cloud.region}"):
        for page in cloud.apis.get_paginator("get_apis").paginate():
            if stage is not None:
                stage.advance(len(page["Items"]))
            for each in page["Items"]:
                stack = each.get("Tags", {}).get(STACK, "")
                if each["ProtocolType"] == "HTTP" and stack in stacks:
                    yield HttpApi(each["ApiId"], each["Name"], stack, each["CreatedDate"].timestamp())


def is_integrated(cloud: Cloud, identity: str) -> bool:
    """Whether an API has an integration; without any it can call nothing.

    Raises:
        FailureError: AWS refuses.
    """
    with told(f"the integrations of the HTTP API {identity}"):
        return bool(cloud.apis.get_integrations(ApiId=identity)["Items"])


def lets_in(policy: str, api: str) -> bool:
    """Whether a function's resource policy lets an API call it.

    Args:
        policy: JSON text (AWS Lambda Developer Guide, "Resource-based policy examples").
        api: its id, which stands in `arn:PARTITION:execute-api:REGION:ACCOUNT:ID/STAGE/ROUTE`.

    Returns:
        True also for what cannot be read: then it is not known who is let in.
    """
    try:
        statements = json.loads(policy)["Statement"]
        return any(_is_meant(each, api) for each in statements if each["Effect"] == "Allow")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return True


def _is_meant(statement: Mapping[str, Any], api: str) -> bool:
    if not {_GATEWAY, "*"} & set(principals(statement["Principal"])):
        return False
    named = (pair for condition in statement.get("Condition", {}).values() for pair in condition.items())
    sources = [text for key, found in named if key.lower() == "aws:sourcearn" for text in _listed(found)]
    return not sources or any(_names(source, api) for source in sources)


def _names(source: str, api: str) -> bool:
    parts = source.split(":", 5)
    return parts[2] in ("execute-api", "*") and fnmatchcase(api, parts[5].partition("/")[0])


def _listed(found: str | list[str]) -> list[str]:
    return [found] if isinstance(found, str) else found


def _policies(cloud: Cloud, function: str) -> Iterator[str]:
    """The resource policies of a function and of its aliases."""
    client = cloud.functions
    with told(f"who may call the function {function}"):
        pages = client.get_paginator("list_aliases").paginate(FunctionName=function)
        aliases = [alias["Name"] for page in pages for alias in page["Aliases"]]
        for qualifier in ({}, *({"Qualifier": name} for name in aliases)):
            try:
                yield client.get_policy(FunctionName=function, **qualifier)["Policy"]
            except client.exceptions.ResourceNotFoundException:
                continue
