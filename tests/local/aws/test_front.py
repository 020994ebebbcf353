from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.aws.server import Server, serve
from tests.local.conftest import REGION, client_of

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient


SIGNED = f"AWS4-HMAC-SHA256 Credential=x/20260101/{REGION}/s3/aws4_request, SignedHeaders=host, Signature=x"


def ask(cloud: Server, path: str, method: str = "GET") -> Any:
    with urllib.request.urlopen(urllib.request.Request(cloud.endpoint + path, method=method)) as answer:
        return json.loads(answer.read())


def called(cloud: Server) -> list[tuple[str, str, bool]]:
    return [
        (call["service"], call["operation"], call["writes"]) for call in ask(cloud, "/_lamina/calls")["calls"]
    ]


def test_its_health_tells_who_it_is() -> None:
    with serve(identity="this one", managed_policies=False) as server:
        assert ask(server, "/_lamina/health")["id"] == "this one"


def test_it_listens_on_the_loopback_interface_only(cloud: Server) -> None:
    assert cloud.endpoint == f"http://127.0.0.1:{cloud.port}"


def test_calls_are_recorded_with_whether_they_write(
    cloud: Server, lambda_client: LambdaClient, s3_client: S3Client, sqs_client: SQSClient
) -> None:
    lambda_client.list_functions()
    s3_client.create_bucket(Bucket="pictures", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3_client.put_object(Bucket="pictures", Key="a/b c.txt", Body=b"x")
    s3_client.list_objects_v2(Bucket="pictures")
    sqs_client.create_queue(QueueName="jobs")
    client_of(cloud, "iam").list_roles()
    client_of(cloud, "sts").get_caller_identity()
    client_of(cloud, "apigatewayv2").create_api(Name="a", ProtocolType="HTTP")
    client_of(cloud, "events").list_rules()
    client_of(cloud, "cloudwatch").describe_alarms()
    assert called(cloud) == [
        ("lambda", "ListFunctions", False),
        ("s3", "CreateBucket", True),
        ("s3", "PutObject", True),
        ("s3", "ListObjectsV2", False),
        ("sqs", "CreateQueue", True),
        ("iam", "ListRoles", False),
        ("sts", "GetCallerIdentity", False),
        ("apigateway", "CreateApi", True),
        ("events", "ListRules", False),
        ("monitoring", "DescribeAlarms", False),
    ]


def test_the_record_is_given_and_forgotten_at_once(cloud: Server, lambda_client: LambdaClient) -> None:
    lambda_client.list_layers()
    assert len(ask(cloud, "/_lamina/calls", "DELETE")["calls"]) == 1
    assert ask(cloud, "/_lamina/calls") == {"calls": [], "dropped": 0}


def test_a_client_that_goes_while_it_sends_is_no_error(
    cloud: Server, s3_client: S3Client, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    s3_client.create_bucket(Bucket="pictures", CreateBucketConfiguration={"LocationConstraint": REGION})
    with socket.create_connection(("127.0.0.1", cloud.port)) as client:
        client.sendall(b"PUT /pictures/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n")
        client.sendall(f"Authorization: {SIGNED}\r\n\r\nhalf".encode())
        client.shutdown(socket.SHUT_WR)
        assert client.recv(2000) == b""
    assert "Contents" not in s3_client.list_objects_v2(Bucket="pictures")
    assert (caplog.text, capfd.readouterr().err) == ("", "")


def test_failed_calls_are_recorded_with_their_status(cloud: Server, lambda_client: LambdaClient) -> None:
    with pytest.raises(ClientError):
        lambda_client.get_function(FunctionName="missing")
    (call,) = ask(cloud, "/_lamina/calls")["calls"]
    assert (call["operation"], call["status"]) == ("GetFunction", 404)


@pytest.mark.parametrize(
    ("service", "method", "arguments", "named"),
    [
        ("dynamodb", "list_tables", {}, "ListTables of dynamodb"),
        ("ec2", "describe_vpcs", {}, "DescribeVpcs of ec2"),
        ("ecr", "describe_repositories", {}, "DescribeRepositories of ecr"),
        ("iam", "list_service_specific_credentials", {}, "ListServiceSpecificCredentials of iam"),
        ("logs", "list_anomalies", {}, "ListAnomalies of logs"),
        ("events", "list_endpoints", {}, "ListEndpoints of events"),
        ("apigatewayv2", "get_deployments", {"ApiId": "x"}, "GetDeployments of apigateway"),
        ("s3", "get_bucket_request_payment", {"Bucket": "pictures"}, "GetBucketRequestPayment of s3"),
        (
            "s3",
            "get_bucket_analytics_configuration",
            {"Bucket": "pictures", "Id": "x"},
            "GetBucketAnalyticsConfiguration of s3",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " of " in value else "",
)
def test_what_is_not_served_is_refused_by_name(
    cloud: Server, service: str, method: str, arguments: dict[str, Any], named: str
) -> None:
    with pytest.raises(ClientError, match=f"The embedded AWS does not serve {named}") as raised:
        getattr(client_of(cloud, service), method)(**arguments)
    response: Any = raised.value.response
    assert response["Error"]["Code"] == "NotImplemented"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_path_of_its_own_that_does_not_exist_is_an_error_in_json(cloud: Server) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404") as raised:
        ask(cloud, "/_lamina/archives/..%2F..%2Fetc%2Fpasswd")
    with raised.value as answer:
        assert "is nothing of the embedded AWS" in json.loads(answer.read())["message"]


def test_a_port_that_is_in_use_is_an_error(cloud: Server) -> None:
    with pytest.raises(OSError, match="in use"), serve(port=cloud.port, managed_policies=False):
        pass


def test_a_new_server_is_empty() -> None:
    for _ in range(2):
        with serve(managed_policies=False) as server:
            client_of(server, "sqs").create_queue(QueueName="jobs")
            client_of(server, "lambda").publish_layer_version(
                LayerName="deps", Content={"ZipFile": EMPTY_ZIP}
            )
            assert (
                client_of(server, "lambda").list_layers()["Layers"][0]["LatestMatchingVersion"]["Version"]
                == 1
            )
            assert len(client_of(server, "sqs").list_queues()["QueueUrls"]) == 1


def test_awss_own_policies_can_be_attached() -> None:
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    with serve() as server:
        iam = client_of(server, "iam")
        iam.create_role(RoleName="functions", AssumeRolePolicyDocument="{}")
        iam.attach_role_policy(RoleName="functions", PolicyArn=arn)
        attached = iam.list_attached_role_policies(RoleName="functions")["AttachedPolicies"]
        assert [policy["PolicyArn"] for policy in attached] == [arn]


EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
