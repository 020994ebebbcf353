"""Lambda functions: code, configuration and published versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .check import Failure
from .clock import PROPAGATION
from .errors import ProviderError, StoredError
from .lambda_configuration import function_arns, function_configuration, read_configuration
from .lambda_function_schema import SCHEMA
from .lambda_function_settings import set_concurrency, set_signing
from .lambda_function_state import (
    FIRST_POLL,
    STATE_TIMEOUT,
    configured,
    is_published,
    wait_state,
    wait_updated,
)
from .lambda_layer import MISSING, code_source, source_failures
from .resource import Resource
from .tags import retag_resource
from .values import State

_CODE = frozenset(
    {
        "architectures", "code", "codeSha256", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash",
        "sourceKmsKeyArn",
    }
)  # fmt: skip
_CONFIGURATION = frozenset(
    {
        "description", "handler", "loggingConfig", "memorySize", "role", "timeout", "kmsKeyArn", "layers",
        "deadLetterConfig", "snapStart", "tracingConfig", "vpcConfig", "runtime", "environment",
        "ephemeralStorage",
    }
)  # fmt: skip
_UNREADABLE = ("s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash", "code")
_PUBLISHED = frozenset({"version", "qualifiedArn", "qualifiedInvokeArn"})
_ACTIVE = ("Active", "ActiveNonInvocable")


class Function(Resource):
    """`aws:lambda/function:Function`."""

    type_name = "aws:lambda/function:Function"
    schema = SCHEMA

    @override
    def validate(self, inputs: Mapping[str, Any]) -> Iterator[Failure]:
        yield from source_failures(inputs)
        if inputs.get("packageType") == "Zip":
            for name in ("handler", "runtime"):
                if name not in inputs:
                    yield Failure(name, "handler and runtime must be set when PackageType is Zip")
        else:
            yield Failure(
                "packageType",
                f"packageType {inputs.get('packageType')} is not known to the stand-in, only Zip",
            )
        for name, least, most in (("memorySize", 128, 10240), ("timeout", 1, 900)):
            given = inputs.get(name)
            if isinstance(given, int) and not least <= given <= most:
                yield Failure(name, f"expected {name} to be in the range ({least} - {most}), got {given}")

    @override
    def adjusted(self, old: State, planned: State) -> State:
        """A log level that is not given stays, unless the format changes (`logging_config`, function.go)."""
        before, after = old.get("loggingConfig") or {}, planned.get("loggingConfig")
        if not isinstance(after, dict) or after.get("logFormat") != before.get("logFormat"):
            return planned
        levels = {name: before[name] for name in ("applicationLogLevel", "systemLogLevel") if name in before}
        return {**planned, "loggingConfig": {**levels, **after}}

    @override
    def create(self, aws: Aws, new: State) -> str:
        name, client = new["name"], aws.client("lambda", new)
        request: dict[str, Any] = {
            "FunctionName": name,
            "Code": code_source(new) | _only("SourceKMSKeyArn", new.get("sourceKmsKeyArn")),
            "PackageType": new["packageType"],
            "Publish": bool(new.get("publish")),
            **function_configuration(
                new, {field for field in _CONFIGURATION if new.get(field) not in (None, "", [], {})}
            ),
            **_only("Architectures", new.get("architectures")),
            **_only("CodeSigningConfigArn", new.get("codeSigningConfigArn")),
            **_only("Tags", new.get("tagsAll")),
        }
        with aws.doing(f"creating Lambda Function ({name})"):
            aws.clock.retry(lambda: client.create_function(**request), when=_not_ready)
        return str(name)

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        what = f"waiting for Lambda Function ({identity}) create"
        with aws.doing(what):
            aws.clock.wait(lambda: configured(aws, identity, new), what=what, within=PROPAGATION)
            wait_state(aws, identity, new, field="State", wanted=_ACTIVE, what=what)
        if new.get("reservedConcurrentExecutions", -1) >= 0:
            set_concurrency(aws, identity, new)

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        client = aws.client("lambda", state)
        with aws.doing(f"reading Lambda Function ({identity})"):
            try:
                found = client.get_function(FunctionName=identity)
            except ClientError as error:
                if failed_with(error, MISSING):
                    return None
                raise
        with aws.doing(f"reading Lambda Function ({identity}) versions"):
            pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=identity)
            latest = [each for page in pages for each in page["Versions"]][-1]
        with aws.doing(f"reading Lambda Function ({identity}) code signing config"):
            signing = client.get_function_code_signing_config(FunctionName=identity).get(
                "CodeSigningConfigArn"
            )
        reserved = found.get("Concurrency", {}).get("ReservedConcurrentExecutions", -1)
        return {
            **read_configuration(found["Configuration"]),
            **function_arns(found["Configuration"], latest, state["region"]),
            "reservedConcurrentExecutions": reserved,
            "codeSigningConfigArn": signing or None,
            "sourceCodeHash": state.get("sourceCodeHash", ""),
            "sourceKmsKeyArn": found.get("Code", {}).get("SourceKMSKeyArn"),
            **aws.tag_state(found.get("Tags") or {}),
        }

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        client = aws.client("lambda", new)
        if "codeSigningConfigArn" in changed:
            set_signing(aws, identity, new)
        if changed & _CONFIGURATION:
            request = function_configuration(new, changed & _CONFIGURATION)
            with aws.doing(f"updating Lambda Function ({identity}) configuration"):
                aws.clock.retry(
                    lambda: client.update_function_configuration(FunctionName=identity, **request),
                    when=_not_ready,
                )
            wait_updated(aws, identity, new, "configuration update")
        if changed & _CODE:
            self._update_code(aws, identity, new, changed)
        try:
            if "reservedConcurrentExecutions" in changed:
                set_concurrency(aws, identity, new)
            if _publishes(new, changed):
                self._publish(aws, identity, new)
        except ProviderError as error:
            raise StoredError(str(error)) from error

    def _update_code(self, aws: Aws, identity: str, new: State, changed: AbstractSet[str]) -> None:
        request = code_source(new) | _only("SourceKMSKeyArn", new.get("sourceKmsKeyArn"))
        if "architectures" in changed:
            request["Architectures"] = new["architectures"]
        with aws.doing(f"updating Lambda Function ({identity}) code"):
            aws.client("lambda", new).update_function_code(FunctionName=identity, **request)
        wait_updated(aws, identity, new, "code update")

    def _publish(self, aws: Aws, identity: str, new: State) -> None:
        client = aws.client("lambda", new)
        with aws.doing(f"publishing Lambda Function ({identity}) version"):
            answer = aws.clock.retry(
                lambda: client.publish_version(FunctionName=identity),
                when=lambda error: failed_with(error, "ResourceConflictException", text="in progress"),
            )
        what = f"waiting for Lambda Function ({identity}) version publish"
        with aws.doing(what):
            aws.clock.wait(
                lambda: is_published(aws, new, answer, what),
                what=what,
                within=STATE_TIMEOUT,
                first=FIRST_POLL,
            )

    @override
    def retag(
        self, aws: Aws, identity: str, state: State, new: Mapping[str, str], removed: list[str]
    ) -> None:
        retag_resource(aws.client("lambda", state), {"Resource": state["arn"]}, new, removed)

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        if state.get("skipDestroy"):
            return
        client = aws.client("lambda", state)
        what = f"deleting Lambda Function ({identity})"
        with aws.doing(what), gone(MISSING):
            aws.clock.retry(
                lambda: client.delete_function(FunctionName=identity),
                when=lambda error: failed_with(
                    error, "InvalidParameterValueException", text="replicated function"
                ),
            )
            aws.clock.wait(lambda: configured(aws, identity, state) is None, what=what, within=STATE_TIMEOUT)

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        return identity, {"name": identity}

    @override
    def unknown_after(self, old: State, new: State, changed: AbstractSet[str]) -> frozenset[str]:
        modified = frozenset({"lastModified"}) if changed & _CODE else frozenset()
        return modified | (_PUBLISHED if _publishes(new, changed) else frozenset())

    @override
    def retried_after_failure(self, error: ProviderError) -> frozenset[str]:
        # What Read does not give is put back unless the code was stored: a failed PublishVersion is lost.
        stored = isinstance(error, StoredError)
        return frozenset() if stored else frozenset(_UNREADABLE)


def _publishes(new: State, changed: AbstractSet[str]) -> bool:
    """Whether an update with these changes publishes a version."""
    return new.get("publish") is True and bool(changed & (_CODE | _CONFIGURATION | {"publish"}))


def _only(name: str, value: Any) -> dict[str, Any]:
    return {name: value} if value else {}


def _not_ready(error: ClientError) -> bool:
    """Whether a create or update of a function is to be tried again."""
    texts = (
        "role defined for the function cannot be assumed by Lambda",
        "execution role does not have permissions",
        "throttled by EC2",
        "KMS key is invalid for CreateGrant",
    )
    return failed_with(error, "ResourceConflictException") or any(
        failed_with(error, "InvalidParameterValueException", text=text) for text in texts
    )
