"""A function's configuration: formed, changed, checked and shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from local import limits
from local.runtime.deployment import refusal

from .errors import broken_constraints, invalid
from .layers import find_layer_version
from .names import parse_layer_version
from .queues import check_destination
from .records import Configuration, LayerVersion, Vpc
from .roles import check_role
from .settings import PLAIN, READERS
from .store import Region


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
    unserved = sorted(settings.keys() - READERS.keys() - PLAIN.keys())
    if unserved:
        raise invalid(f"The local Lambda service does not serve functions with {', '.join(unserved)}")
    changes = {field: settings[name] for name, field in PLAIN.items() if name in settings}
    for name, read in READERS.items():
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
