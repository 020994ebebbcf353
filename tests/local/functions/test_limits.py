"""Each limit of Lambda that a stack can meet: what is at it is taken, what is one over it is refused."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local import limits
from local.aws.server import Server, serve
from local.runtime.deployment import HOST_ARCHITECTURE, HOST_RUNTIME
from tests.local.conftest import ECHO, TRUST, client_of, zipped

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

QUEUE = "arn:aws:sqs:us-west-2:123456789012:jobs"


@pytest.fixture(scope="module")
def shared() -> Iterator[Server]:
    """One embedded AWS for all of them, with a queue and a role."""
    with serve(managed_policies=False) as server:
        iam = client_of(server, "iam")
        iam.create_role(RoleName="functions", AssumeRolePolicyDocument=json.dumps(TRUST))
        allowed = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_role_policy(RoleName="functions", PolicyName="own", PolicyDocument=document)
        attributes = {"VisibilityTimeout": "900"}
        client_of(server, "sqs").create_queue(QueueName="jobs", Attributes=attributes)
        yield server


@pytest.fixture
def client(shared: Server) -> LambdaClient:
    made: LambdaClient = client_of(shared, "lambda")
    return made


def unique(length: int = 32) -> str:
    return uuid.uuid4().hex.ljust(length, "x")[:length]


def function(client: LambdaClient, **settings: Any) -> str:
    given: dict[str, Any] = {
        "FunctionName": unique(),
        "Runtime": HOST_RUNTIME,
        "Architectures": [HOST_ARCHITECTURE],
        "Handler": "main.handler",
        "Role": "arn:aws:iam::123456789012:role/functions",
        "Code": {"ZipFile": zipped({"main.py": ECHO})},
        "Publish": True,
    }
    return client.create_function(**given | settings)["FunctionName"]


def layer(client: LambdaClient, **settings: Any) -> str:
    given: dict[str, Any] = {"LayerName": unique(), "Content": {"ZipFile": zipped({"a": "a"})}}
    return client.publish_layer_version(**given | settings)["LayerVersionArn"]


def alias(client: LambdaClient, **settings: Any) -> None:
    given: dict[str, Any] = {"FunctionName": function(client), "Name": "live", "FunctionVersion": "1"}
    client.create_alias(**given | settings)


def mapping(client: LambdaClient, **settings: Any) -> None:
    made = client.create_event_source_mapping(
        FunctionName=function(client), EventSourceArn=QUEUE, Enabled=False, **settings
    )
    client.delete_event_source_mapping(UUID=made["UUID"])


Call = Callable[["LambdaClient", int], object]
CONSTRAINT, PARAMETER = "ValidationException", "InvalidParameterValueException"
LIMITS: dict[str, tuple[Call, int, str]] = {
    "function name": (lambda c, n: function(c, FunctionName=unique(n)), limits.FUNCTION_NAME, CONSTRAINT),
    "function description": (lambda c, n: function(c, Description="d" * n), 256, CONSTRAINT),
    "handler": (lambda c, n: function(c, Handler="h" * n), 128, CONSTRAINT),
    "timeout": (lambda c, n: function(c, Timeout=n), limits.TIMEOUT[-1], CONSTRAINT),
    "memory": (lambda c, n: function(c, MemorySize=n), limits.MEMORY[-1], CONSTRAINT),
    "temporary storage": (
        lambda c, n: function(c, EphemeralStorage={"Size": n}),
        limits.EPHEMERAL_STORAGE[-1],
        CONSTRAINT,
    ),
    "environment": (
        lambda c, n: function(c, Environment={"Variables": {"KEY": "v" * (n - len('{"KEY":""}'))}}),
        limits.ENVIRONMENT,
        PARAMETER,
    ),
    "layers": (lambda c, n: function(c, Layers=[layer(c) for _ in range(n)]), limits.LAYERS, PARAMETER),
    "layer name": (lambda c, n: layer(c, LayerName=unique(n)), 140, CONSTRAINT),
    "layer description": (lambda c, n: layer(c, Description="d" * n), 256, CONSTRAINT),
    "license": (lambda c, n: layer(c, LicenseInfo="l" * n), 512, CONSTRAINT),
    "alias name": (lambda c, n: alias(c, Name="a" * n), 128, CONSTRAINT),
    "alias description": (lambda c, n: alias(c, Description="d" * n), 256, CONSTRAINT),
    "reserved concurrency": (
        lambda c, n: c.put_function_concurrency(FunctionName=function(c), ReservedConcurrentExecutions=n),
        limits.CONCURRENT_EXECUTIONS - limits.UNRESERVED_CONCURRENCY,
        PARAMETER,
    ),
    "batch size": (
        lambda c, n: mapping(c, BatchSize=n, MaximumBatchingWindowInSeconds=1),
        limits.BATCH_OF_STANDARD_QUEUE,
        CONSTRAINT,
    ),
    "batch without window": (lambda c, n: mapping(c, BatchSize=n), limits.BATCH_WITHOUT_WINDOW, PARAMETER),
    "window": (lambda c, n: mapping(c, MaximumBatchingWindowInSeconds=n), 300, CONSTRAINT),
    "maximum concurrency": (
        lambda c, n: mapping(c, ScalingConfig={"MaximumConcurrency": n}),
        1000,
        CONSTRAINT,
    ),
    "retries": (
        lambda c, n: c.put_function_event_invoke_config(FunctionName=function(c), MaximumRetryAttempts=n),
        limits.ASYNC_RETRIES,
        CONSTRAINT,
    ),
    "age of events": (
        lambda c, n: c.put_function_event_invoke_config(FunctionName=function(c), MaximumEventAgeInSeconds=n),
        limits.ASYNC_AGE_SECONDS,
        CONSTRAINT,
    ),
}


@pytest.mark.parametrize(("call", "most", "code"), LIMITS.values(), ids=LIMITS)
def test_what_is_at_a_limit_is_taken_and_one_over_it_is_refused(
    client: LambdaClient, call: Call, most: int, code: str
) -> None:
    call(client, most)
    with pytest.raises(ClientError) as refused:
        call(client, most + 1)
    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("weights", [{"2": 0.0}, {"2": 1.0}], ids=["none", "all"])
def test_a_weight_can_be_from_none_to_all(client: LambdaClient, weights: dict[str, float]) -> None:
    name = function(client)
    client.update_function_configuration(FunctionName=name, Timeout=9)
    client.publish_version(FunctionName=name)
    routing: Any = {"AdditionalVersionWeights": weights}
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1", RoutingConfig=routing)


@pytest.mark.parametrize(
    ("weights", "code"),
    [({"2": 1.01}, CONSTRAINT), ({"2": 0.1, "3": 0.1}, PARAMETER)],
    ids=["more than all", "three versions"],
)
def test_other_weights_are_refused(client: LambdaClient, weights: dict[str, float], code: str) -> None:
    name = function(client)
    for seconds in (8, 9):
        client.update_function_configuration(FunctionName=name, Timeout=seconds)
        client.publish_version(FunctionName=name)
    routing: Any = {"AdditionalVersionWeights": weights}
    with pytest.raises(ClientError) as refused:
        client.create_alias(FunctionName=name, Name="live", FunctionVersion="1", RoutingConfig=routing)
    assert refused.value.response["Error"]["Code"] == code


def test_the_regions_code_storage_is_counted_over_functions_versions_and_layers(
    client: LambdaClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(zipped({"main.py": ECHO}))
    used = client.get_account_settings()["AccountUsage"]["TotalCodeSize"]
    monkeypatch.setattr("local.functions.layers.CODE_STORAGE", used + 2 * size)
    function(client)
    with pytest.raises(ClientError, match="CodeStorageExceededException"):
        function(client)
