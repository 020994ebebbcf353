"""The settings of a function as operations give them, read into a configuration's fields, and checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from local import limits

from .errors import LambdaError, invalid
from .records import Logging, Vpc


def _environment(block: Mapping[str, Any]) -> dict[str, Any]:
    variables: dict[str, str] = block.get("Variables", {})
    refused = (
        "Lambda was unable to configure your environment variables because the environment variables you "
        "have provided"
    )
    reserved = sorted(variables.keys() & limits.RESERVED_VARIABLES)
    if reserved:
        raise invalid(
            f"{refused} contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    text = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > limits.ENVIRONMENT:
        # AWS recites all of them, secrets too.
        raise invalid(f"{refused} exceeded the 4KB limit. String measured: {text}")
    return {"environment": variables or None}


def _logging(block: Mapping[str, Any]) -> dict[str, Any]:
    levels = {"ApplicationLogLevel", "SystemLogLevel"} & block.keys()
    chosen = block.get("LogFormat", "Text")
    if levels and chosen == "Text":
        raise LambdaError(
            "InvalidParameterValueException",
            "To use ApplicationLogLevel or SystemLogLevel, you must set LogFormat to JSON.",
        )
    # API reference, "LoggingConfig": with JSON, both levels are INFO unless they are given.
    default = "INFO" if chosen == "JSON" else None
    logging = Logging(
        group=block.get("LogGroup"),
        format=chosen,
        application_level=block.get("ApplicationLogLevel", default),
        system_level=block.get("SystemLogLevel", default),
    )
    return {"logging": logging}


def _vpc(block: Mapping[str, Any]) -> dict[str, Any]:
    subnets, groups = tuple(block.get("SubnetIds", ())), tuple(block.get("SecurityGroupIds", ()))
    if bool(subnets) != bool(groups):
        raise invalid("SecurityGroupIds and SubnetIds must be provided together.")
    vpc = Vpc(subnets=subnets, security_groups=groups, ipv6=block.get("Ipv6AllowedForDualStack", False))
    return {"vpc": vpc if subnets else None}


def _snap_start(block: Mapping[str, Any]) -> dict[str, Any]:
    if block.get("ApplyOn", "None") != "None":
        raise invalid("The local Lambda service does not serve functions with SnapStart")
    return {}


def _package_type(kind: str) -> dict[str, Any]:
    if kind != "Zip":
        raise invalid(f"The local Lambda service does not serve functions of the package type {kind}")
    return {}


def _architectures(names: Collection[str]) -> dict[str, Any]:
    if len(names) != 1:
        raise invalid("Architectures must have exactly one entry.")
    return {"architectures": tuple(names)}


# Settings that are stored as they are: the parameter's name and the field's.
PLAIN = {
    "runtime": "runtime",
    "handler": "handler",
    "role": "role",
    "description": "description",
    "timeout": "timeout",
    "memory_size": "memory",
}
READERS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "environment": _environment,
    "layers": lambda _: {},
    "architectures": _architectures,
    "tracing_config": lambda block: {"tracing": block.get("Mode", "PassThrough")},
    "dead_letter_config": lambda block: {"dead_letter_target": block.get("TargetArn") or None},
    "ephemeral_storage": lambda block: {"ephemeral_storage": block["Size"]},
    "snap_start": _snap_start,
    "kms_key_arn": lambda arn: {"kms_key_arn": arn or None},
    "logging_config": _logging,
    "vpc_config": _vpc,
    "package_type": _package_type,
}
