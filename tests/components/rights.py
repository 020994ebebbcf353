"""Every policy of a run: found wherever it stands, and held to naming what it allows, to whom, on what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .program import Registered, Run

Statement = Mapping[str, Any]

# IAM User Guide, "IAM JSON policy elements: Resource": what stands for more than one.
_WILD = re.compile(r"[*?]")
# What narrows whom a service may act for (IAM User Guide, "The confused deputy problem").
_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn"})


class Wide(NamedTuple):
    """A wildcard that AWS leaves no way around.

    Attributes:
        actions: that it is for.
        resource: what it looks like, as a regular expression.
        reason: why it cannot be narrower.
    """

    actions: frozenset[str]
    resource: str
    reason: str


WIDE = (
    Wide(
        frozenset({"xray:PutTelemetryRecords", "xray:PutTraceSegments"}),
        r"\*",
        "Service Authorization Reference, AWS X-Ray: these actions have no resource types",
    ),
    Wide(
        frozenset({"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"}),
        r"\*",
        "Service Authorization Reference, Amazon EC2: these actions have no resource types",
    ),
    Wide(
        frozenset(
            {
                "ec2:AssignPrivateIpAddresses",
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:UnassignPrivateIpAddresses",
            }
        ),
        r"arn:aws:ec2:[\w-]+:\d{12}:\*/\*",
        "AWS Lambda Developer Guide, access to resources in a VPC: Lambda makes interfaces of names to come",
    ),
    Wide(
        frozenset({"logs:CreateLogStream", "logs:PutLogEvents"}),
        r"arn:aws:logs:[\w-]+:\d{12}:log-group:[\w./-]+:\*",
        "the streams of one group: Lambda makes up their names",
    ),
    Wide(
        frozenset({"s3:DeleteObject", "s3:GetObject", "s3:PutObject"}),
        r"arn:aws:s3:::[\w.-]+/[\w-]+/\*",
        "the objects of one folder of one bucket: users make up their names",
    ),
    Wide(
        frozenset({"lambda:InvokeFunction"}),
        r"arn:aws:execute-api:[\w-]+:\d{12}:\w+/\*/\*",
        "API Gateway Developer Guide, HTTP APIs with Lambda: the stages and routes of one API",
    ),
)


@dataclass(frozen=True, slots=True)
class Granted:
    """One statement and the resource that it stands in."""

    where: str
    statement: Statement


def granted(run: Run) -> list[Granted]:
    """Every statement of a run: in policies as JSON text, wherever they stand, and in permissions."""
    found = [
        Granted(each.urn, statement)
        for each in run.resources
        for document in _documents(each.inputs)
        for statement in _many(document["Statement"])
    ]
    return found + [Granted(each.urn, _permission(each)) for each in run.all("Permission")]


def faults(statements: Iterable[Granted]) -> list[str]:
    """What is wider than it has to be, each with the resource that says it."""
    return [f"{each.where}: {fault}" for each in statements for fault in _faults(each.statement)]


def unseen(run: Run) -> list[str]:
    """The resources that grant what no policy of the program spells out, such as AWS's own policies."""
    return [
        each.urn
        for each in run.resources
        if "PolicyAttachment" in each.type or {"managedPolicyArns", "inlinePolicies"} & each.inputs.keys()
    ]


def exceptions(statements: Iterable[Granted]) -> set[Wide]:
    """The exceptions that something makes use of."""
    allowed = [each.statement for each in statements if each.statement.get("Effect") == "Allow"]
    return {
        wide
        for statement in allowed
        for action in _many(statement.get("Action"))
        for resource in _reaches(statement)
        for wide in WIDE
        if _excused_by(wide, action, resource)
    }


def _documents(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _documents(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _documents(each)
    elif isinstance(value, str) and '"Statement"' in value:
        yield json.loads(value)


def _permission(permission: Registered) -> Statement:
    """A function's permission as the statement that Lambda makes of it (API reference, AddPermission)."""
    inputs = permission.inputs
    conditions = {
        name: inputs[key]
        for name, key in (("aws:SourceArn", "sourceArn"), ("aws:SourceAccount", "sourceAccount"))
        if key in inputs
    }
    return {
        "Effect": "Allow",
        "Action": inputs["action"],
        "Principal": {"Service": inputs["principal"]} if inputs["principal"] != "*" else "*",
        "Resource": f"{inputs['function']}:{inputs.get('qualifier', '')}",
        "Condition": {"ArnLike": conditions} if conditions else {},
    }


def _faults(statement: Statement) -> Iterator[str]:
    # What only takes rights away can be as wide as it likes.
    if statement.get("Effect") == "Deny":
        return
    yield from (f"{name} allows all but a few" for name in statement if name.startswith("Not"))
    for action in _many(statement.get("Action")):
        if _WILD.search(action):
            yield f"the action {action} is a wildcard"
        for resource in _reaches(statement):
            if _WILD.search(resource) and not any(_excused_by(wide, action, resource) for wide in WIDE):
                yield f"{action} on {resource} is a wildcard"
    if "Principal" in statement:
        yield from _principal_faults(statement)
    elif not _many(statement.get("Resource")):
        yield "it names no resource"


def _principal_faults(statement: Statement) -> Iterator[str]:
    principal = statement["Principal"]
    named = principal.values() if isinstance(principal, Mapping) else [principal]
    narrowed = {key.lower() for key, value in _conditions(statement) if value != "*"}
    if any(_WILD.search(who) for each in named for who in _many(each)):
        yield f"{principal} is everybody"
    elif "Service" in principal and not _SOURCES & narrowed:
        yield f"{principal} may act for anybody: neither aws:SourceAccount nor aws:SourceArn narrows it"


def _reaches(statement: Statement) -> list[str]:
    """What a statement is about: its resources, and the sources that it lets a service act for."""
    sources = [value for key, value in _conditions(statement) if key.lower() in _SOURCES]
    return [*_many(statement.get("Resource")), *sources]


def _conditions(statement: Statement) -> Iterator[tuple[str, str]]:
    for tests in (statement.get("Condition") or {}).values():
        for key, values in tests.items():
            yield from ((key, value) for value in _many(values))


def _excused_by(wide: Wide, action: str, resource: str) -> bool:
    return action in wide.actions and re.fullmatch(wide.resource, resource) is not None


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
