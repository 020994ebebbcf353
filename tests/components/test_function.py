"""Functions: code, rights, logs, versions."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.output import Unknown

from components.function import PythonFunction, PythonFunctionArgs

from .program import Run, run

LOGS = "arn:aws:logs:us-west-2:123456789012:log-group:/aws/lambda/lamina-staging-api"


def arguments() -> PythonFunctionArgs:
    return {
        "directory": ".",
        "source": "app",
        "handler": "app.api.handler",
        "python": "3.12",
        "architecture": "arm64",
        "bucket": "artifacts",
    }


def deployed(args: PythonFunctionArgs | None = None, *, stack: str = "staging") -> Run:
    return run(lambda: PythonFunction("api", args or arguments()), stack=stack)


@pytest.mark.usefixtures("project")
def test_the_code_is_an_object_named_by_its_digest() -> None:
    found = deployed()
    code, function = found.one("BucketObjectv2"), found.one("Function")
    digest = found.one("PythonFunction").inputs["codeDigest"]
    assert re.fullmatch("[0-9a-f]{64}", digest)
    assert code.name == f"api-{digest}"
    assert code.inputs["key"] == f"code/api/{digest}.zip"
    assert (function.inputs["s3Bucket"], function.inputs["s3Key"]) == ("artifacts", code.inputs["key"])


def test_code_that_was_replaced_from_outside_is_a_difference(project: Path) -> None:
    found = deployed()
    built = project / found.one("BucketObjectv2").inputs["source"].path
    expected = base64.b64encode(hashlib.sha256(built.read_bytes()).digest()).decode()
    assert found.one("Function").inputs["codeSha256"] == expected


@pytest.mark.usefixtures("project")
def test_tags_lead_from_the_function_to_its_stack_and_ledger() -> None:
    assert deployed().one("Function").inputs["tags"] == {
        "lamina:stack": "lamina/staging",
        "lamina:function": "api",
        "lamina:ledger": "artifacts",
    }


@pytest.mark.usefixtures("project")
def test_each_change_publishes_a_version_for_the_target() -> None:
    function = deployed().one("Function").inputs
    assert function["publish"] is True
    assert (function["runtime"], function["architectures"]) == ("python3.12", ["arm64"])
    assert (function["memorySize"], function["timeout"]) == (256, 30)
    assert function["tracingConfig"] == {"mode": "Active"}


@pytest.mark.usefixtures("project")
def test_the_log_group_comes_before_the_function_and_does_not_keep_logs_for_ever() -> None:
    found = deployed({**arguments(), "retention_days": 7})
    log_group, function = found.one("LogGroup"), found.one("Function")
    assert log_group.inputs["name"] == "/aws/lambda/lamina-staging-api"
    assert log_group.inputs["retentionInDays"] == 7
    assert function.inputs["loggingConfig"]["logGroup"] == log_group.inputs["name"]
    assert found.waits_for(function, log_group)


@pytest.mark.usefixtures("project")
def test_the_function_has_its_rights_before_it_runs() -> None:
    found = deployed()
    assert found.waits_for(found.one("Function"), found.one("RolePolicy"))
    [trust] = found.one("Role").json("assumeRolePolicy")["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


@pytest.mark.usefixtures("project")
def test_a_function_may_log_to_its_own_group_and_trace_and_nothing_else() -> None:
    granted = deployed().one("RolePolicy").json("policy")["Statement"]
    assert {action: tuple(each["Resource"]) for each in granted for action in each["Action"]} == {
        "logs:CreateLogStream": (f"{LOGS}:*",),
        "logs:PutLogEvents": (f"{LOGS}:*",),
        "xray:PutTelemetryRecords": ("*",),
        "xray:PutTraceSegments": ("*",),
    }


@pytest.mark.usefixtures("project")
def test_further_rights_are_granted_as_they_are_given() -> None:
    extra = '{"Action": ["sqs:SendMessage"], "Effect": "Allow", "Resource": ["q"]}'
    granted = deployed({**arguments(), "statements": [extra]}).one("RolePolicy").json("policy")["Statement"]
    assert granted[-1] == {"Action": ["sqs:SendMessage"], "Effect": "Allow", "Resource": ["q"]}


@pytest.mark.usefixtures("project")
def test_layers_variables_and_limits_reach_the_function() -> None:
    function = deployed(
        {
            **arguments(),
            "layers": ["arn:layer:7"],
            "environment": {"LAMINA_ATTEMPT": "2"},
            "memory": 1024,
            "timeout": 60,
            "reserved_concurrency": 5,
        }
    ).one("Function")
    assert function.inputs["layers"] == ["arn:layer:7"]
    assert function.inputs["environment"] == {"variables": {"LAMINA_ATTEMPT": "2"}}
    assert (function.inputs["memorySize"], function.inputs["timeout"]) == (1024, 60)
    assert function.inputs["reservedConcurrentExecutions"] == 5


@pytest.mark.usefixtures("project")
def test_a_secret_variable_stays_secret() -> None:
    def program() -> None:
        token = pulumi.Output.secret("s3cret")
        PythonFunction("api", {**arguments(), "environment": {"TOKEN": token}})

    environment = run(program).one("Function").inputs["environment"]
    # pulumi.runtime.rpc: the mark of a secret in what the engine is told.
    assert environment["4dabf18193072939515e22adb298388d"] == "1b47061264138c4ac30d75fd1eb44270"
    assert environment["value"] == {"variables": {"TOKEN": "s3cret"}}


@pytest.mark.usefixtures("project")
def test_a_key_of_ones_own_encrypts_the_variables() -> None:
    key = "arn:aws:kms:us-west-2:123456789012:key/k"
    assert deployed({**arguments(), "kms_key_arn": key}).one("Function").inputs["kmsKeyArn"] == key
    assert "kmsKeyArn" not in deployed().one("Function").inputs


@pytest.mark.usefixtures("project")
def test_a_function_runs_in_the_vpc_that_it_is_given() -> None:
    args: PythonFunctionArgs = {**arguments(), "subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}
    found = deployed(args)
    assert found.one("Function").inputs["vpcConfig"] == {
        "subnetIds": ["subnet-1"],
        "securityGroupIds": ["sg-1"],
    }
    assert "ec2:CreateNetworkInterface" in found.one("RolePolicy").inputs["policy"]
    assert "vpcConfig" not in deployed().one("Function").inputs


@pytest.mark.usefixtures("project")
def test_a_dot_in_the_stacks_name_becomes_a_hyphen() -> None:
    assert deployed(stack="v1.2").one("Function").inputs["name"] == "lamina-v1-2-api"


@pytest.mark.usefixtures("project")
def test_a_name_that_aws_does_not_take_is_refused_before_anything_is_made() -> None:
    with pytest.raises(pulumi.RunError, match="70 characters where AWS allows 64; shorten the name"):
        deployed(stack="s" * 59)


@pytest.mark.usefixtures("project")
def test_six_layers_are_refused_before_anything_is_registered() -> None:
    with pytest.raises(pulumi.RunError, match="the function api has 6 layers, and Lambda takes 5"):
        deployed({**arguments(), "layers": [f"arn:layer:{number}" for number in range(6)]})


def with_layer_of(size: int, *, preview: bool) -> Run:
    """A function with a layer of the same program, which is yet to be published."""

    def program() -> None:
        layer = aws.lambda_.LayerVersion("deps", layer_name="deps")
        sizes: list[pulumi.Input[int]] = [pulumi.Output.from_input(size), 1_000_000]
        of_layers: PythonFunctionArgs = {**arguments(), "layers": [layer.arn, "arn:layer:7"]}
        PythonFunction("api", {**of_layers, "layer_sizes": sizes, "largest_packages": ["numpy 90 MB", ""]})

    return run(program, preview=preview)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("preview", [True, False])
def test_layers_that_are_too_large_together_are_refused(preview: bool) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        with_layer_of(262_144_000 - 1_000_000, preview=preview)
    assert re.fullmatch(
        r"the function api has 262\.1 MB unzipped with its layers, \d+ B of it code; Lambda takes 262\.1 MB "
        r"\(250 MiB\): leave something out of its layers, of which the largest packages are numpy 90 MB",
        str(caught.value),
    )


@pytest.mark.usefixtures("project")
def test_layers_that_just_fit_are_taken_also_before_they_are_published() -> None:
    assert isinstance(with_layer_of(260_000_000, preview=True).one("Function").inputs["layers"], Unknown)
    layers = with_layer_of(260_000_000, preview=False).one("Function").inputs["layers"]
    assert layers == ["arn:aws:lambda:us-west-2:123456789012:layer:deps:7", "arn:layer:7"]
