from __future__ import annotations

import threading
from collections.abc import Iterator

import boto3
import pytest
from moto.core.base_backend import BackendDict
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from types_boto3_apigatewayv2 import ApiGatewayV2Client
from werkzeug.serving import make_server

from local.aws.http_api import MOUNT
from local.aws.http_endpoints import with_local_endpoints

ENDPOINT = "http://127.0.0.1:4566"


@pytest.fixture
def gateway() -> Iterator[ApiGatewayV2Client]:
    application = with_local_endpoints(DomainDispatcherApplication(create_backend_app), ENDPOINT)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield boto3.client(
        "apigatewayv2",
        "us-west-2",
        endpoint_url=f"http://127.0.0.1:{server.port}",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    server.shutdown()
    thread.join()
    server.server_close()
    BackendDict.reset()


def test_every_answer_names_the_endpoint_that_answers(gateway: ApiGatewayV2Client) -> None:
    made = gateway.create_api(Name="pictures", ProtocolType="HTTP")
    expected = f"{ENDPOINT}{MOUNT}/{made['ApiId']}"
    assert made["ApiEndpoint"] == expected
    assert gateway.get_api(ApiId=made["ApiId"])["ApiEndpoint"] == expected
    assert gateway.update_api(ApiId=made["ApiId"], Name="photos")["ApiEndpoint"] == expected
    assert [api["ApiEndpoint"] for api in gateway.get_apis()["Items"]] == [expected]


def test_errors_and_other_calls_pass_unchanged(gateway: ApiGatewayV2Client) -> None:
    with pytest.raises(gateway.exceptions.NotFoundException):
        gateway.get_api(ApiId="missing")
    made = gateway.create_api(Name="pictures", ProtocolType="HTTP")
    assert gateway.get_routes(ApiId=made["ApiId"])["Items"] == []
    gateway.delete_api(ApiId=made["ApiId"])
    assert gateway.get_apis()["Items"] == []
