"""A Python function: its code, its log group, its role, and a published version for each change."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NotRequired, TypedDict, cast

import pulumi
import pulumi_aws as aws

from build.code import BuiltCode, build_code
from build.target import Target

from .attached import attached
from .faults import told_in_one_line
from .names import (
    BUILD_FOLDER,
    LONGEST_FUNCTION_NAME,
    STACK_TAG,
    account_of,
    asset_of,
    physical_name,
    stack_tag,
)
from .own_rights import own_statements
from .policy import assumed_by, document
from .variables import fitting

MEMORY = 256
TIMEOUT = 30
RETENTION_DAYS = 30


class PythonFunctionArgs(TypedDict):
    """What a function runs, and with which rights."""

    directory: str
    """The Pulumi project's folder: `source` and what is built are found from there."""
    source: str
    """The path, in that folder, of the package that holds the code."""
    handler: str
    """Such as `app.api.handler`."""
    python: str
    """The Python version, such as `3.12`."""
    architecture: str
    """`x86_64` or `arm64`."""
    bucket: pulumi.Input[str]
    """The name of the bucket that the code's zip goes through."""
    layers: NotRequired[Sequence[pulumi.Input[str]]]
    """ARNs of layer versions; five at most."""
    layer_sizes: NotRequired[Sequence[pulumi.Input[int]]]
    """Their `unzipped_size`s: with the code they must not be more than Lambda takes, which a preview says."""
    largest_packages: NotRequired[Sequence[pulumi.Input[str]]]
    """Their `largest`, each a text: what that message names, so that it is plain what could be left out."""
    environment: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Environment variables; secrets among them stay secret in Pulumi, and are shown by Lambda to whoever may
    read the function's configuration."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """The key that encrypts them at rest; without one, Lambda's own. Whoever may not use it reads none."""
    statements: NotRequired[Sequence[pulumi.Input[str]]]
    """What the function may do besides logging and tracing: policy statements as JSON text."""
    memory: NotRequired[int]
    """Mebibytes; 256 unless given."""
    timeout: NotRequired[int]
    """Seconds; 30 unless given."""
    retention_days: NotRequired[int]
    """The days that logs are kept; 30 unless given."""
    reserved_concurrency: NotRequired[int]
    """How many invocations may run at once; not limited unless given."""
    subnet_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """The subnets of the VPC that the function runs in; in none unless given."""
    security_group_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """The security groups it has there."""


class PythonFunction(pulumi.ComponentResource):
    """A function that publishes a version on each change of its code, layers or configuration.

    The function and its log group have fixed names: the group must be there before the function is, which has
    no right to make one, and rollbacks and people on call find both without asking Pulumi.
    """

    function_name: pulumi.Output[str]
    """The function's name."""
    arn: pulumi.Output[str]
    """The function's ARN, without a version."""
    version: pulumi.Output[str]
    """The number of the version published last."""
    qualified_arn: pulumi.Output[str]
    """That version's ARN."""
    role_name: pulumi.Output[str]
    """The name of the function's role."""
    code_digest: pulumi.Output[str]
    """The code's digest: 64 hexadecimal digits."""
    code_sha256: pulumi.Output[str]
    """The base64 of the SHA-256 of the code's zip, as AWS tells it of a version."""

    memory: pulumi.Output[int]
    """Its memory in MB."""
    timeout: pulumi.Output[int]
    """Its timeout in seconds."""
    variables: pulumi.Output[Mapping[str, str]]
    """Its environment variables; those that are secrets stay so."""

    def __init__(
        self, name: str, args: PythonFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        code = _build(args)
        props = {"handler": args["handler"], "codeDigest": code.digest, "codeSize": code.zip_size}
        super().__init__("lamina:index:PythonFunction", name, props, opts)
        full_name = physical_name(name, LONGEST_FUNCTION_NAME)
        zipped = self._upload(name, args, code)
        log_group = self._log_group(name, full_name, args)
        role, rights = self._role(name, full_name, args, log_group)
        code_sha256 = base64.b64encode(bytes.fromhex(code.zip_sha256)).decode()
        memory, timeout = int(args.get("memory", MEMORY)), int(args.get("timeout", TIMEOUT))
        variables = fitting(name, args.get("environment", {}))
        function = aws.lambda_.Function(
            name,
            name=full_name,
            role=role.arn,
            handler=args["handler"],
            runtime=_target(args).runtime,
            architectures=[args["architecture"]],
            s3_bucket=zipped.bucket,
            s3_key=zipped.key,
            # Without it, code that was replaced from outside goes unnoticed.
            code_sha256=code_sha256,
            layers=attached(
                name,
                args.get("layers", ()),
                sizes=args.get("layer_sizes", ()),
                largest=args.get("largest_packages", ()),
                code=code.unzipped_size,
            ),
            memory_size=memory,
            timeout=timeout,
            reserved_concurrent_executions=args.get("reserved_concurrency"),
            environment={"variables": variables} if variables else None,
            kms_key_arn=args.get("kms_key_arn"),
            logging_config=_logging(log_group),
            tracing_config={"mode": "Active"},
            vpc_config=_vpc(args),
            publish=True,
            tags=_tags(name, args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rights]),
        )
        self.function_name = function.name
        self.arn = function.arn
        self.version = function.version
        self.qualified_arn = function.qualified_arn
        self.role_name = role.name
        self.code_digest = pulumi.Output.from_input(code.digest)
        self.code_sha256 = pulumi.Output.from_input(code_sha256)
        self.memory = pulumi.Output.from_input(memory)
        self.timeout = pulumi.Output.from_input(timeout)
        # What is within a mapping is waited for as well, which the types do not say.
        self.variables = pulumi.Output.from_input(cast("Mapping[str, str]", variables))
        self.register_outputs(
            {
                "functionName": self.function_name,
                "arn": self.arn,
                "version": self.version,
                "qualifiedArn": self.qualified_arn,
                "roleName": self.role_name,
                "codeDigest": self.code_digest,
                "codeSha256": self.code_sha256,
            }
        )

    def _upload(self, name: str, args: PythonFunctionArgs, code: BuiltCode) -> aws.s3.BucketObjectv2:
        return aws.s3.BucketObjectv2(
            f"{name}-{code.digest}",
            bucket=args["bucket"],
            key=f"code/{name}/{code.digest}.zip",
            source=asset_of(code.zip, args["directory"]),
            content_type="application/zip",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _log_group(self, name: str, full_name: str, args: PythonFunctionArgs) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/lambda/{full_name}",
            retention_in_days=int(args.get("retention_days", RETENTION_DAYS)),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _role(
        self, name: str, full_name: str, args: PythonFunctionArgs, log_group: aws.cloudwatch.LogGroup
    ) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        role = aws.iam.Role(
            name,
            assume_role_policy=log_group.arn.apply(
                lambda arn: assumed_by("lambda.amazonaws.com", account_of(arn))
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        in_vpc = bool(args.get("subnet_ids"))
        granted = pulumi.Output.all(log_group.arn, full_name, *args.get("statements", ()))
        rights = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=granted.apply(
                lambda parts: document([*own_statements(*parts[:2], in_vpc=in_vpc), *parts[2:]])
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role, rights


def _build(args: PythonFunctionArgs) -> BuiltCode:
    folder = Path(args["directory"])
    source = folder / args["source"]
    with told_in_one_line():
        # Named after the package, not after the function: functions of one package share one file.
        return build_code(source, name=source.name, output=folder / BUILD_FOLDER)


def _target(args: PythonFunctionArgs) -> Target:
    with told_in_one_line():
        return Target(python=args["python"], architecture=args["architecture"])


def _logging(group: aws.cloudwatch.LogGroup) -> aws.lambda_.FunctionLoggingConfigArgsDict:
    return {
        "log_group": group.name,
        "log_format": "JSON",
        "application_log_level": "INFO",
        "system_log_level": "INFO",
    }


def _tags(name: str, args: PythonFunctionArgs) -> dict[str, pulumi.Input[str]]:
    """What finds the function without Pulumi: `python -m release`. Tags publish no version."""
    return {STACK_TAG: stack_tag(), "lamina:function": name, "lamina:ledger": args["bucket"]}


def _vpc(args: PythonFunctionArgs) -> aws.lambda_.FunctionVpcConfigArgsDict | None:
    subnets = args.get("subnet_ids")
    if not subnets:
        return None
    return {"subnet_ids": subnets, "security_group_ids": args.get("security_group_ids", ())}
