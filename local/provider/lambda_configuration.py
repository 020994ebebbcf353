"""A function's configuration and ARNs, from the provider's form into Lambda's and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from .aws import PARTITION
from .values import State

_FIELDS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "description": ("Description", lambda value: value or ""),
    "handler": ("Handler", lambda value: value or ""),
    "kmsKeyArn": ("KMSKeyArn", lambda value: value or ""),
    "layers": ("Layers", lambda value: value or []),
    "memorySize": ("MemorySize", int),
    "role": ("Role", str),
    "runtime": ("Runtime", str),
    "timeout": ("Timeout", int),
    "deadLetterConfig": ("DeadLetterConfig", lambda value: {"TargetArn": (value or {}).get("targetArn", "")}),
    "environment": ("Environment", lambda value: {"Variables": (value or {}).get("variables") or {}}),
    "ephemeralStorage": ("EphemeralStorage", lambda value: {"Size": (value or {}).get("size", 512)}),
    "snapStart": ("SnapStart", lambda value: {"ApplyOn": (value or {}).get("applyOn", "None")}),
    "tracingConfig": ("TracingConfig", lambda value: {"Mode": (value or {}).get("mode", "PassThrough")}),
    "loggingConfig": ("LoggingConfig", lambda value: _logging(value or {})),
    "vpcConfig": ("VpcConfig", lambda value: _vpc(value or {})),
}


def function_configuration(new: State, names: AbstractSet[str]) -> dict[str, Any]:
    """The named parts of a function's configuration as Lambda takes them; one that is unset is sent empty."""
    return {_FIELDS[name][0]: _FIELDS[name][1](new.get(name)) for name in sorted(names)}


def _logging(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = {
        "LogFormat": given.get("logFormat"),
        "ApplicationLogLevel": given.get("applicationLogLevel"),
        "LogGroup": given.get("logGroup"),
        "SystemLogLevel": given.get("systemLogLevel"),
    }
    return {name: value for name, value in fields.items() if value}


def _vpc(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = {"SecurityGroupIds": given.get("securityGroupIds", []), "SubnetIds": given.get("subnetIds", [])}
    dual = given.get("ipv6AllowedForDualStack")
    return fields if dual is None else {**fields, "Ipv6AllowedForDualStack": dual}


def read_configuration(found: Mapping[str, Any]) -> State:
    """A function's configuration as Lambda answers it, as outputs; what is unset is None."""
    logging, vpc = found.get("LoggingConfig") or {}, found.get("VpcConfig") or {}
    variables, dead = (found.get("Environment") or {}).get("Variables"), (found.get("DeadLetterConfig") or {})
    snap = found.get("SnapStart") or {}
    log_fields = {
        "logFormat": logging.get("LogFormat"),
        "applicationLogLevel": logging.get("ApplicationLogLevel"),
        "logGroup": logging.get("LogGroup"),
        "systemLogLevel": logging.get("SystemLogLevel"),
    }
    return {
        "name": found["FunctionName"],
        "architectures": found.get("Architectures") or ["x86_64"],
        "codeSha256": found["CodeSha256"],
        "deadLetterConfig": {"targetArn": dead["TargetArn"]} if dead.get("TargetArn") else None,
        "description": found.get("Description") or None,
        "environment": {"variables": variables} if variables else None,
        "ephemeralStorage": {"size": (found.get("EphemeralStorage") or {}).get("Size", 512)},
        "handler": found.get("Handler"),
        "kmsKeyArn": found.get("KMSKeyArn") or None,
        "lastModified": found["LastModified"],
        "layers": [each["Arn"] for each in found.get("Layers") or []] or None,
        "loggingConfig": {name: value for name, value in log_fields.items() if value} or None,
        "memorySize": found["MemorySize"],
        "packageType": found.get("PackageType", "Zip"),
        "role": found["Role"],
        "runtime": found.get("Runtime"),
        "signingJobArn": found.get("SigningJobArn", ""),
        "signingProfileVersionArn": found.get("SigningProfileVersionArn", ""),
        "snapStart": {"applyOn": snap["ApplyOn"], "optimizationStatus": snap.get("OptimizationStatus")}
        if snap.get("ApplyOn") == "PublishedVersions"
        else None,
        "sourceCodeSize": found["CodeSize"],
        "timeout": found["Timeout"],
        "tracingConfig": {"mode": (found.get("TracingConfig") or {}).get("Mode", "PassThrough")},
        "vpcConfig": _read_vpc(vpc) if vpc.get("SubnetIds") else None,
    }


def _read_vpc(found: Mapping[str, Any]) -> State:
    return {
        "ipv6AllowedForDualStack": bool(found.get("Ipv6AllowedForDualStack")),
        "securityGroupIds": found.get("SecurityGroupIds", []),
        "subnetIds": found["SubnetIds"],
        "vpcId": found.get("VpcId", ""),
    }


def function_arns(found: Mapping[str, Any], latest: Mapping[str, Any], region: str) -> State:
    """The ARNs and the version: the last one that Lambda lists, whatever `publish` says."""
    arn, version = str(found["FunctionArn"]), str(latest["Version"])
    qualified = f"{arn}:{version}"
    return {
        "arn": arn,
        "version": version,
        "qualifiedArn": qualified,
        "invokeArn": invoke_arn(arn, region),
        "qualifiedInvokeArn": invoke_arn(qualified, region),
        "responseStreamingInvokeArn": (
            f"arn:{PARTITION}:apigateway:{region}:lambda:path/2021-11-15/functions/{arn}/response-streaming-invocations"
        ),
    }


def invoke_arn(arn: str, region: str) -> str:
    """What an API Gateway integration names to invoke a function, version or alias."""
    return f"arn:{PARTITION}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
