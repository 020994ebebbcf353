"""A function's configuration, read from the parameters of the operations that set it, and checked."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from local import limits
from local.runtime.deployment import refusal

from .errors import LambdaError, broken_constraints, invalid
from .layers import find_layer_version
from .names import parse_layer_version
from .queues import check_destination
from .roles import check_role
from .store import Configuration, LayerVersion, Logging, Region, Vpc


def new_configuration(region: Region, settings: Mapping[str, Any]) -> Configuration:
    """Forms the configuration of a new function.

    Args:
        region: where the function is.
        settings: the operation's parameters that are about configuration.

    Returns:
        The configuration.

    Raises:
        LambdaError: a setting is missing, not served, out of its limits, or names what does not exist.
    """
    if settings.get("runtime") is None or settings.get("handler") is None:
        raise invalid(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    base = Configuration(runtime=settings["runtime"], handler=settings["handler"], role=settings["role"])
    return changed_configuration(region, base, settings)


def changed_configuration(
    region: Region, before: Configuration, settings: Mapping[str, Any]
) -> Configuration:
    """Applies settings to a configuration.

    Args:
        region: where the function is.
        before: what holds for everything that is not among the settings.
        settings: as the operation has them, in snake case.

    Returns:
        The configuration.

    Raises:
        LambdaError: as `new_configuration`.
    """
    unserved = sorted(settings.keys() - _READERS.keys() - _PLAIN.keys())
    if unserved:
        raise invalid(f"The local Lambda service does not serve functions with {', '.join(unserved)}")
    changes = {field: settings[name] for name, field in _PLAIN.items() if name in settings}
    for name, read in _READERS.items():
        if name in settings:
            changes |= read(settings[name])
    after: Configuration = dataclasses.replace(before, **changes)
    _check_numbers(after)
    if "layers" in settings:
        after = dataclasses.replace(after, layers=_attached(region, settings["layers"]))
    if after.dead_letter_target is not None and after.dead_letter_target != before.dead_letter_target:
        check_destination(region.place, after.dead_letter_target)
    if "role" in settings:
        check_role(region.place, after.role)
    check_runs(after)
    return after


def check_runs(configuration: Configuration) -> None:
    """Refuses a function that this machine cannot run.

    Raises:
        LambdaError: it is for another Python or another architecture.
    """
    reason = refusal(configuration.runtime, configuration.architectures[0])
    if reason is not None:
        raise invalid(f"{reason[0].upper()}{reason[1:]}.")


def check_size(configuration: Configuration, code_size: int) -> None:
    """Refuses code and layers that are too large together.

    Args:
        configuration: with the layers.
        code_size: of the code, unzipped, in bytes.

    Raises:
        LambdaError: they are over Lambda's 250 MB.
    """
    size = code_size + sum(layer.archive.unzipped_size for layer in configuration.layers)
    if size > limits.UNZIPPED:
        raise invalid(
            "Function code combined with layers exceeds the maximum allowed size of "
            f"{limits.UNZIPPED} bytes. The actual size is {size} bytes."
        )


def shown_configuration(configuration: Configuration, name: str) -> dict[str, Any]:
    """The configuration as operations give it.

    Args:
        configuration: what to show.
        name: of the function.

    Returns:
        Members of `FunctionConfiguration`.
    """
    environment = configuration.environment
    logging = configuration.logging
    return {
        "Runtime": configuration.runtime,
        "Role": configuration.role,
        "Handler": configuration.handler,
        "Description": configuration.description,
        "Timeout": configuration.timeout,
        "MemorySize": configuration.memory,
        "VpcConfig": _shown_vpc(configuration.vpc),
        "DeadLetterConfig": _some(TargetArn=configuration.dead_letter_target),
        "Environment": None if environment is None else {"Variables": dict(environment)},
        "KMSKeyArn": configuration.kms_key_arn,
        "TracingConfig": {"Mode": configuration.tracing},
        "Layers": [{"Arn": layer.arn, "CodeSize": layer.archive.size} for layer in configuration.layers]
        or None,
        "PackageType": "Zip",
        "Architectures": list(configuration.architectures),
        "EphemeralStorage": {"Size": configuration.ephemeral_storage},
        "LoggingConfig": {
            "LogFormat": logging.format,
            "ApplicationLogLevel": logging.application_level,
            "SystemLogLevel": logging.system_level,
            "LogGroup": log_group(configuration, name),
        },
    }


def log_group(configuration: Configuration, name: str) -> str:
    """The log group that a function writes to.

    Args:
        configuration: of the function.
        name: of the function, which the default is formed of.
    """
    return configuration.logging.group or f"/aws/lambda/{name}"


def _check_numbers(configuration: Configuration) -> None:
    """Checks what the model allows for other kinds of functions only."""
    faults = [
        f"Value '{value}' at '{where}' failed to satisfy constraint: "
        f"Member must have value less than or equal to {allowed[-1]}"
        for where, value, allowed in (
            ("memorySize", configuration.memory, limits.MEMORY),
            ("timeout", configuration.timeout, limits.TIMEOUT),
            ("ephemeralStorage.size", configuration.ephemeral_storage, limits.EPHEMERAL_STORAGE),
        )
        if value not in allowed
    ]
    if faults:
        raise broken_constraints(faults)


def _attached(region: Region, arns: list[str]) -> tuple[LayerVersion, ...]:
    if len(arns) > limits.LAYERS:
        raise invalid(f"Cannot reference more than {limits.LAYERS} layers.")
    seen: dict[str, str] = {}
    attached = []
    for arn in arns:
        parsed = parse_layer_version(arn)
        if parsed is not None and parsed[0] != region.place.region:
            raise invalid(
                "Layers are not in the same region as the function. "
                f"Layers are expected to be in region {region.place.region}."
            )
        version = find_layer_version(region, arn)
        if version is None:
            raise invalid(f"Layer version {arn} does not exist.")
        if version.layer_arn in seen:
            raise invalid(
                "Two different versions of the same layer are not allowed to be referenced in the same "
                f"function. {seen[version.layer_arn]} and {arn}."
            )
        seen[version.layer_arn] = arn
        attached.append(version)
    return tuple(attached)


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


def _shown_vpc(vpc: Vpc | None) -> dict[str, Any] | None:
    if vpc is None:
        return None
    return {
        "SubnetIds": list(vpc.subnets),
        "SecurityGroupIds": list(vpc.security_groups),
        "VpcId": "vpc-local",
        "Ipv6AllowedForDualStack": vpc.ipv6,
    }


def _some(**members: Any) -> dict[str, Any] | None:
    return members if all(members.values()) else None


# Settings that are stored as they are: the parameter's name and the field's.
_PLAIN = {
    "runtime": "runtime",
    "handler": "handler",
    "role": "role",
    "description": "description",
    "timeout": "timeout",
    "memory_size": "memory",
}
_READERS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
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
