"""Layer versions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with
from .check import Failure
from .resource import Immutable, split_import
from .s3_object import source_file
from .schema import Kind, Property, boolean, output, string, string_set, table
from .values import State

MISSING = "ResourceNotFoundException"
_CONTENT = {"s3Bucket": "S3Bucket", "s3Key": "S3Key", "s3ObjectVersion": "S3ObjectVersion"}


def code_source(given: Mapping[str, Any]) -> dict[str, Any]:
    """Where Lambda is to take the code from: the archive's bytes, or an object."""
    if given.get("code") is not None:
        return {"ZipFile": source_file(given["code"]).read_bytes()}
    return {theirs: given[ours] for ours, theirs in _CONTENT.items() if given.get(ours)}


def source_failures(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    """What is wrong with the way in which inputs name their code."""
    if "code" in inputs and ("s3Bucket" in inputs or "s3Key" in inputs):
        yield Failure(
            "code", "Conflicting configuration arguments: code and s3Bucket, s3Key exclude each other"
        )
    if ("s3Bucket" in inputs) != ("s3Key" in inputs):
        yield Failure("s3Key", "s3Bucket and s3Key must be set together")


class LayerVersion(Immutable):
    """`aws:lambda/layerVersion:LayerVersion`: every new input makes a new version."""

    type_name = "aws:lambda/layerVersion:LayerVersion"
    schema = table(
        {
            "layerName": string(required=True),
            "code": Property(Kind.ARCHIVE),
            "compatibleArchitectures": string_set(),
            "compatibleRuntimes": string_set(),
            "description": string(),
            "licenseInfo": string(),
            "s3Bucket": string(),
            "s3Key": string(),
            "s3ObjectVersion": string(),
            "skipDestroy": boolean(default=False),
            "sourceCodeHash": string(computed=True),
            "arn": output(),
            "codeSha256": output(),
            "createdDate": output(),
            "layerArn": output(),
            "signingJobArn": output(),
            "signingProfileVersionArn": output(),
            "sourceCodeSize": output(Kind.INTEGER),
            "version": output(),
        },
        replaces=True,
    )

    @override
    def validate(self, inputs: Mapping[str, Any]) -> Iterator[Failure]:
        yield from source_failures(inputs)
        if "code" not in inputs and "s3Key" not in inputs:
            yield Failure("code", "one of `code,s3Bucket` must be specified")
        for name, most in (("compatibleArchitectures", 2), ("compatibleRuntimes", 15)):
            given = inputs.get(name)
            if isinstance(given, list) and len(given) > most:
                yield Failure(name, f"Too many list items. Attribute {name} supports {most} item maximum")
        if len(str(inputs.get("description", ""))) > 256:
            yield Failure("description", "description must not be longer than 256 characters")

    @override
    def create(self, aws: Aws, new: State) -> str:
        name = new["layerName"]
        request = {
            "LayerName": name,
            "Content": code_source(new),
            "CompatibleArchitectures": new.get("compatibleArchitectures"),
            "CompatibleRuntimes": new.get("compatibleRuntimes"),
            "Description": new.get("description"),
            "LicenseInfo": new.get("licenseInfo"),
        }
        with aws.doing(f"publishing Lambda Layer ({name}) Version"):
            answer = aws.client("lambda", new).publish_layer_version(
                **{key: value for key, value in request.items() if value}
            )
        return str(answer["LayerVersionArn"])

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        arn, _, version = identity.rpartition(":")
        with aws.doing(f"reading Lambda Layer Version ({identity})"):
            try:
                found = aws.client("lambda", state).get_layer_version(
                    LayerName=arn, VersionNumber=int(version)
                )
            except ClientError as error:
                if failed_with(error, MISSING):
                    return None
                raise
        content = found["Content"]
        return {
            "arn": found["LayerVersionArn"],
            "layerArn": found["LayerArn"],
            "layerName": str(found["LayerArn"]).rsplit(":", 1)[-1],
            "version": str(found["Version"]),
            "compatibleArchitectures": found.get("CompatibleArchitectures") or None,
            "compatibleRuntimes": found.get("CompatibleRuntimes") or None,
            "description": found.get("Description") or None,
            "licenseInfo": found.get("LicenseInfo") or None,
            "createdDate": found["CreatedDate"],
            "codeSha256": content["CodeSha256"],
            "sourceCodeHash": state.get("sourceCodeHash", ""),
            "sourceCodeSize": content["CodeSize"],
            "signingJobArn": content.get("SigningJobArn", ""),
            "signingProfileVersionArn": content.get("SigningProfileVersionArn", ""),
        }

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        if state.get("skipDestroy"):
            return
        arn, _, version = identity.rpartition(":")
        with aws.doing(f"deleting Lambda Layer Version ({identity})"):
            aws.client("lambda", state).delete_layer_version(LayerName=arn, VersionNumber=int(version))

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        if not identity.startswith("arn:"):
            name, version = split_import(identity, "/", "layerName", "version")
            identity = f"arn:aws:lambda:{aws.region}:{aws.account}:layer:{name}:{version}"
        if not re.fullmatch(r"arn:[^:]+:lambda:[^:]+:\d+:layer:[^:]+:\d+", identity):
            raise ValueError(
                f"unexpected format of ID ({identity}), expected a layer version's ARN or layerName/version"
            )
        return identity, {}
