from __future__ import annotations

import base64
import hashlib
import json
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from components.policy import assumed_by
from local import limits
from local.aws.server import Server
from local.functions import layers
from local.runtime.deployment import HOST_ARCHITECTURE, HOST_RUNTIME
from tests.local.conftest import ECHO, REGION, client_of, zipped

from .conftest import refuses

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client

Make = Callable[..., Any]
ARN = "arn:aws:lambda:us-west-2:123456789012:function:echo"
ACCESS_POINT = "arn:aws:elasticfilesystem:us-west-2:123456789012:access-point/fsap-0123456789abcdef0"
OTHER = zipped({"main.py": ECHO + "# changed\n"})
OTHER_ARCHITECTURE = "arm64" if HOST_ARCHITECTURE == "x86_64" else "x86_64"


@pytest.fixture
def bucket(s3_client: S3Client) -> str:
    s3_client.create_bucket(Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3_client.put_bucket_versioning(Bucket="artifacts", VersioningConfiguration={"Status": "Enabled"})
    return "artifacts"


def test_a_new_function_has_lambdas_defaults(lambda_client: LambdaClient, make_function: Make) -> None:
    made = make_function()
    assert made["FunctionArn"] == ARN
    assert (made["State"], made["StateReasonCode"]) == ("Pending", "Creating")
    shown = lambda_client.get_function_configuration(FunctionName="echo")
    assert (shown["State"], shown["LastUpdateStatus"]) == ("Active", "Successful")
    assert (shown["MemorySize"], shown["Timeout"], shown["Version"]) == (128, 3, "$LATEST")
    assert shown["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/echo"}
    assert shown["TracingConfig"] == {"Mode": "PassThrough"}
    assert shown["EphemeralStorage"] == {"Size": 512}
    assert shown["SnapStart"] == {"ApplyOn": "None", "OptimizationStatus": "Off"}
    assert not {"Environment", "Layers", "VpcConfig", "DeadLetterConfig"} & shown.keys()


def test_code_can_be_downloaded_as_it_was_uploaded(lambda_client: LambdaClient, make_function: Make) -> None:
    make_function(Code={"ZipFile": OTHER})
    shown = lambda_client.get_function(FunctionName="echo")
    assert shown["Configuration"]["CodeSha256"] == base64.b64encode(hashlib.sha256(OTHER).digest()).decode()
    assert shown["Configuration"]["CodeSize"] == len(OTHER)
    with urllib.request.urlopen(shown["Code"]["Location"]) as answer:
        assert answer.read() == OTHER


def test_a_name_is_taken_once(make_function: Make) -> None:
    make_function()
    with refuses("ResourceConflictException", "Function already exist: echo", 409):
        make_function()


@pytest.mark.parametrize(
    "given", ["echo", ARN, "123456789012:function:echo", "123456789012:echo", f"{ARN}:$LATEST"]
)
def test_a_function_is_found_by_every_form_of_its_name(
    lambda_client: LambdaClient, make_function: Make, given: str
) -> None:
    make_function()
    assert lambda_client.get_function(FunctionName=given)["Configuration"]["FunctionName"] == "echo"


def test_what_does_not_exist_is_not_found_with_its_arn(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    with refuses("ResourceNotFoundException", f"Function not found: {ARN}", 404):
        lambda_client.get_function(FunctionName="echo")
    make_function()
    with refuses("ResourceNotFoundException", f"Function not found: {ARN}:7"):
        lambda_client.get_function(FunctionName="echo", Qualifier="7")
    with refuses("InvalidParameterValueException", "derived qualifier"):
        lambda_client.get_function(FunctionName="echo:1", Qualifier="7")
    with refuses("ResourceNotFoundException", "not reachable in this region"):
        lambda_client.get_function(FunctionName=ARN.replace("us-west-2", "eu-west-1"))


def test_regions_know_nothing_of_each_other(cloud: Server, make_function: Make) -> None:
    make_function()
    elsewhere: Any = client_of(cloud, "lambda", region="eu-west-1")
    assert elsewhere.list_functions()["Functions"] == []


def test_all_faults_of_a_request_are_told_at_once(make_function: Make) -> None:
    with refuses("ValidationException", "2 validation errors detected.*'functionName'.*'memorySize'"):
        make_function("with space", MemorySize=40_000)


@pytest.mark.parametrize(
    ("setting", "where"),
    [
        ({"MemorySize": 10_241}, "memorySize"),
        ({"Timeout": 901}, "timeout"),
        ({"EphemeralStorage": {"Size": 10_241}}, "ephemeralStorage.size"),
        ({"Description": "x" * 257}, "description"),
        ({"FunctionName": "x" * 65}, "functionName"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_over_its_limit_is_refused(make_function: Make, setting: Any, where: str) -> None:
    with refuses("ValidationException", f"at '{where}' failed .* less than or equal to"):
        make_function(**{"name": setting.pop("FunctionName", "echo"), **setting})


def test_a_role_that_lambda_cannot_assume_is_refused(make_function: Make, make_role: Make) -> None:
    said = "The role defined for the function cannot be assumed by Lambda"
    with refuses("InvalidParameterValueException", said):
        make_function(Role="arn:aws:iam::123456789012:role/missing")
    trust = {
        "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:*"}
    }
    with refuses("InvalidParameterValueException", said):
        make_function(Role=make_role("other", trust={"Version": "2012-10-17", **trust}))
    with refuses("InvalidParameterValueException", said):
        make_function(Role=make_role("theirs", trust=trust_for("999999999999")))
    with refuses("AccessDeniedException", "Cross-account", 403):
        make_function(Role="arn:aws:iam::999999999999:role/theirs")


def trust_for(account: str) -> dict[str, Any]:
    """The trust in Lambda that the stack's roles have."""
    trust: dict[str, Any] = json.loads(assumed_by("lambda.amazonaws.com", account))
    return trust


def test_a_role_that_lambda_may_assume_for_this_account_alone_is_taken(
    make_function: Make, make_role: Make
) -> None:
    arn = make_role("ours", trust=trust_for("123456789012"))
    assert make_function(Role=arn)["Role"] == arn


def test_variables_that_are_too_large_are_recited_as_aws_does(make_function: Make) -> None:
    with refuses("InvalidParameterValueException", 'exceeded the 4KB limit. String measured: {"TOKEN":"xxx'):
        make_function(Environment={"Variables": {"TOKEN": "x" * 4096}})


def test_only_this_interpreter_and_machine_are_served(make_function: Make) -> None:
    with refuses("InvalidParameterValueException", f"{HOST_RUNTIME} only .*not nodejs22.x"):
        make_function(Runtime="nodejs22.x")
    with refuses("InvalidParameterValueException", f"{HOST_ARCHITECTURE} only"):
        make_function(Architectures=[OTHER_ARCHITECTURE])


@pytest.mark.parametrize(
    "setting",
    [
        {"ImageConfig": {"Command": ["x"]}},
        {
            "FileSystemConfigs": [
                {
                    "Arn": ACCESS_POINT,
                    "LocalMountPath": "/mnt/x",
                }
            ]
        },
        {"PublishTo": "LATEST_PUBLISHED", "Publish": True},
        {"SnapStart": {"ApplyOn": "PublishedVersions"}},
    ],
    ids=lambda setting: next(iter(setting)),
)
def test_settings_that_are_not_served_are_refused_not_dropped(make_function: Make, setting: Any) -> None:
    with refuses("InvalidParameterValueException", "does not serve"):
        make_function(**setting)


def test_an_environment_over_4_kb_or_with_reserved_names_is_refused(make_function: Make) -> None:
    with refuses("InvalidParameterValueException", "exceeded the 4KB limit"):
        make_function(Environment={"Variables": {"LONG": "x" * 4090}})
    with refuses("InvalidParameterValueException", "Reserved keys used in this request: AWS_REGION"):
        make_function(Environment={"Variables": {"AWS_REGION": "here"}})
    make_function(Environment={"Variables": {"LONG": "x" * (4096 - len('{"LONG":""}'))}})


def test_code_can_come_from_a_version_of_an_object(
    lambda_client: LambdaClient, s3_client: S3Client, make_function: Make, bucket: str
) -> None:
    first = s3_client.put_object(Bucket=bucket, Key="code.zip", Body=zipped({"main.py": ECHO}))
    s3_client.put_object(Bucket=bucket, Key="code.zip", Body=OTHER)
    source: Any = {"S3Bucket": bucket, "S3Key": "code.zip"}
    latest = make_function(Code=source)
    assert latest["CodeSize"] == len(OTHER)
    changed = lambda_client.update_function_code(
        FunctionName="echo", **source, S3ObjectVersion=first["VersionId"]
    )
    assert changed["CodeSize"] == len(zipped({"main.py": ECHO}))


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ({"S3Bucket": "missing-bucket", "S3Key": "x"}, "NoSuchBucket"),
        ({"S3Bucket": "artifacts", "S3Key": "x"}, "NoSuchKey"),
        ({"S3Bucket": "artifacts", "S3Key": "x", "S3ObjectVersion": "1"}, "NoSuchVersion"),
    ],
    ids=["bucket", "key", "version"],
)
def test_an_object_that_is_not_there_is_told_as_s3_tells_it(
    make_function: Make, bucket: str, source: Any, code: str
) -> None:
    assert bucket == "artifacts"
    with refuses("InvalidParameterValueException", f"GetObject. S3 Error Code: {code}"):
        make_function(Code=source)


def test_a_bucket_must_be_in_the_same_region(cloud: Server, make_function: Make) -> None:
    there: Any = client_of(cloud, "s3", region="eu-west-1")
    there.create_bucket(Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    with refuses("InvalidParameterValueException", "PermanentRedirect.*eu-west-1"):
        make_function(Code={"S3Bucket": "elsewhere", "S3Key": "x"})


def test_code_needs_a_source(lambda_client: LambdaClient, make_function: Make) -> None:
    with refuses("InvalidParameterValueException", "Please provide a source for function code"):
        make_function(Code={})
    make_function()
    with refuses("InvalidParameterValueException", "Please do not provide other FunctionCode parameters"):
        lambda_client.update_function_code(
            FunctionName="echo", ZipFile=OTHER, S3Bucket="artifacts", S3Key="x"
        )


def test_an_update_leaves_alone_what_it_does_not_name(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    before = make_function(Environment={"Variables": {"NAME": "1"}}, Description="words", Timeout=9)
    changed = lambda_client.update_function_configuration(FunctionName="echo", MemorySize=256)
    assert changed["LastUpdateStatus"] == "InProgress"
    shown = lambda_client.get_function_configuration(FunctionName="echo")
    assert shown["Environment"] == {"Variables": {"NAME": "1"}}
    assert (shown["Description"], shown["Timeout"], shown["MemorySize"]) == ("words", 9, 256)
    assert shown["CodeSha256"] == before["CodeSha256"]
    lambda_client.update_function_configuration(FunctionName="echo", Environment={"Variables": {}})
    assert "Environment" not in lambda_client.get_function_configuration(FunctionName="echo")


def test_every_change_gives_a_new_revision_and_a_stale_one_is_refused(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    make_function()
    first = lambda_client.get_function_configuration(FunctionName="echo")["RevisionId"]
    lambda_client.update_function_code(FunctionName="echo", ZipFile=OTHER, RevisionId=first)
    with refuses("PreconditionFailedException", "does not match the latest Revision Id", 412):
        lambda_client.update_function_configuration(FunctionName="echo", Timeout=4, RevisionId=first)
    with refuses("PreconditionFailedException"):
        lambda_client.publish_version(FunctionName="echo", RevisionId=first)


def test_a_dry_run_checks_and_changes_nothing(lambda_client: LambdaClient, make_function: Make) -> None:
    before = make_function()
    shown = lambda_client.update_function_code(FunctionName="echo", ZipFile=OTHER, DryRun=True, Publish=True)
    assert shown["CodeSize"] == len(OTHER)
    with refuses("InvalidParameterValueException", "Could not unzip"):
        lambda_client.update_function_code(FunctionName="echo", ZipFile=b"x", DryRun=True)
    after = lambda_client.get_function_configuration(FunctionName="echo")
    assert after["CodeSha256"] == before["CodeSha256"]
    assert len(lambda_client.list_versions_by_function(FunctionName="echo")["Versions"]) == 1


def test_a_deleted_function_is_gone_and_its_numbers_go_on(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    make_function(Publish=True)
    lambda_client.create_alias(FunctionName="echo", Name="live", FunctionVersion="1")
    lambda_client.delete_function(FunctionName="echo")
    with refuses("ResourceNotFoundException", "Function not found"):
        lambda_client.delete_function(FunctionName="echo")
    assert make_function(Publish=True)["Version"] == "2"
    assert lambda_client.list_aliases(FunctionName="echo")["Aliases"] == []


def test_functions_are_listed_in_pages_and_with_all_versions(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    for name in ("c", "a", "b"):
        make_function(name, Publish=True)
    pages = lambda_client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    names = [[function["FunctionName"] for function in page["Functions"]] for page in pages]
    assert names == [["a", "b"], ["c"]]
    every = lambda_client.list_functions(FunctionVersion="ALL")["Functions"]
    assert [function["Version"] for function in every] == ["$LATEST", "1"] * 3


def test_layers_are_attached_in_order_with_their_sizes(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    content = zipped({"python/a.py": "A = 1\n"})
    arns = [
        lambda_client.publish_layer_version(LayerName=name, Content={"ZipFile": content})["LayerVersionArn"]
        for name in ("second", "first")
    ]
    shown = make_function(Layers=arns)
    assert shown["Layers"] == [{"Arn": arn, "CodeSize": len(content)} for arn in arns]
    lambda_client.delete_layer_version(LayerName="first", VersionNumber=1)
    lambda_client.update_function_configuration(FunctionName="echo", Timeout=4)
    kept = lambda_client.get_function_configuration(FunctionName="echo")["Layers"]
    assert [layer["Arn"] for layer in kept] == arns
    with refuses("InvalidParameterValueException", f"Layer version {arns[1]} does not exist"):
        lambda_client.update_function_configuration(FunctionName="echo", Layers=arns)


def test_layers_that_cannot_be_attached_are_refused(lambda_client: LambdaClient, make_function: Make) -> None:
    content = zipped({"python/a.py": "A = 1\n"})
    arns = [
        lambda_client.publish_layer_version(LayerName=f"l{number}", Content={"ZipFile": content})[
            "LayerVersionArn"
        ]
        for number in range(6)
    ]
    with refuses("InvalidParameterValueException", "Cannot reference more than 5 layers"):
        make_function(Layers=arns)
    second = lambda_client.publish_layer_version(LayerName="l0", Content={"ZipFile": content})
    with refuses("InvalidParameterValueException", "Two different versions of the same layer"):
        make_function(Layers=[arns[0], second["LayerVersionArn"]])
    with refuses("InvalidParameterValueException", "expected to be in region us-west-2"):
        make_function(Layers=[arns[0].replace("us-west-2", "eu-west-1")])
    with refuses("ValidationException", "'layers.1.member'"):
        make_function(Layers=["deps"])


def test_code_and_layers_are_measured_unzipped_and_together(
    lambda_client: LambdaClient, make_function: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNZIPPED", 1000)
    with refuses("InvalidParameterValueException", "Unzipped size must be smaller than 1000 bytes"):
        make_function(Code={"ZipFile": zipped({"main.py": "#" * 1001})})
    layer = lambda_client.publish_layer_version(
        LayerName="deps", Content={"ZipFile": zipped({"python/a.py": "#" * 600})}
    )
    with refuses("InvalidParameterValueException", "combined with layers.*actual size is 1100 bytes"):
        make_function(Layers=[layer["LayerVersionArn"]], Code={"ZipFile": zipped({"main.py": "#" * 500})})


def test_an_upload_over_50_mb_is_refused(make_function: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ZIP_UPLOADED", 100)
    with refuses("RequestTooLargeException", "Request must be smaller than", 413):
        make_function()


def test_code_storage_has_an_end(make_function: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "CODE_STORAGE", 200)
    make_function("a")
    with refuses("CodeStorageExceededException", "Code storage limit exceeded"):
        make_function("b")


def test_logging_as_json_has_levels_and_text_has_none(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    shown = make_function(LoggingConfig={"LogFormat": "JSON", "LogGroup": "own"})
    assert shown["LoggingConfig"] == {
        "LogFormat": "JSON",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "INFO",
        "LogGroup": "own",
    }
    with refuses("InvalidParameterValueException", "you must set LogFormat to JSON"):
        lambda_client.update_function_configuration(
            FunctionName="echo", LoggingConfig={"LogFormat": "Text", "SystemLogLevel": "WARN"}
        )


def test_the_account_tells_limits_and_use(lambda_client: LambdaClient, make_function: Make) -> None:
    made = make_function(Publish=True)
    settings: Any = lambda_client.get_account_settings()
    assert settings["AccountLimit"]["TotalCodeSize"] == 75 * 1024**3
    assert settings["AccountUsage"] == {"TotalCodeSize": 2 * made["CodeSize"], "FunctionCount": 1}
    signing: Any = lambda_client.get_function_code_signing_config(FunctionName="echo")
    assert signing["CodeSigningConfigArn"] == ""


def test_an_operation_that_is_not_served_is_named(lambda_client: LambdaClient) -> None:
    with refuses("NotImplemented", "does not serve GetFunctionRecursionConfig", 501):
        lambda_client.get_function_recursion_config(FunctionName="echo")
