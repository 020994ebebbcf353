"""Lookups that programs make: the keys of a bucket's objects, and one version of a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .aws import Aws
from .errors import ProviderError
from .lambda_configuration import invoke_arn
from .values import State

# Upstream `s3/objects_data_source.go`.
_MOST_KEYS = 1000


def objects(aws: Aws, arguments: State) -> State:
    """`aws:s3/getObjects:getObjects` (upstream `s3/objects_data_source.go`): up to `maxKeys` keys."""
    bucket, most = arguments["bucket"], arguments.get("maxKeys", _MOST_KEYS)
    named = {"prefix": "Prefix", "delimiter": "Delimiter", "startAfter": "StartAfter"}
    given = {theirs: arguments[name] for name, theirs in named.items() if arguments.get(name)}
    keys: list[str] = []
    prefixes: list[str] = []
    with aws.doing(f"listing S3 Bucket ({bucket}) Objects"):
        pages = aws.client("s3", arguments).get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=bucket, PaginationConfig={"MaxItems": most}, **given):
            keys += [each["Key"] for each in page.get("Contents", ())]
            prefixes += [each["Prefix"] for each in page.get("CommonPrefixes", ())]
    return {**arguments, "id": bucket, "keys": keys, "commonPrefixes": prefixes, "owners": []}


def function(aws: Aws, arguments: State) -> State:
    """`aws:lambda/getFunction:getFunction` (upstream `lambda/function_data_source.go`) of one version.

    Raises:
        ProviderError: without a qualifier, for which upstream looks for the newest version.
    """
    name, qualifier = arguments["functionName"], arguments.get("qualifier")
    if not qualifier:
        raise ProviderError("the stand-in knows getFunction only with a qualifier")
    with aws.doing(f"reading Lambda Function ({name}:{qualifier})"):
        answer = aws.client("lambda", arguments).get_function(FunctionName=name, Qualifier=qualifier)
    found: Mapping[str, Any] = answer["Configuration"]
    arn = found["FunctionArn"].removesuffix(f":{qualifier}")
    region = arguments.get("region") or aws.region
    return {
        **arguments,
        "id": name,
        "architectures": found["Architectures"],
        "arn": arn,
        "codeSha256": found["CodeSha256"],
        "description": found.get("Description", ""),
        "environment": {"variables": found.get("Environment", {}).get("Variables", {})},
        "handler": found["Handler"],
        "invokeArn": invoke_arn(arn, region),
        "lastModified": found["LastModified"],
        "layers": [layer["Arn"] for layer in found.get("Layers", ())],
        "memorySize": found["MemorySize"],
        "qualifiedArn": f"{arn}:{found['Version']}",
        "qualifiedInvokeArn": invoke_arn(f"{arn}:{found['Version']}", region),
        "region": region,
        "role": found["Role"],
        "runtime": found["Runtime"],
        "sourceCodeHash": found["CodeSha256"],
        "sourceCodeSize": found["CodeSize"],
        "tags": answer.get("Tags", {}),
        "timeout": found["Timeout"],
        "version": found["Version"],
    }
