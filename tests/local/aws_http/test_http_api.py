from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from local.aws.http_integration import IntegrationError

from .conftest import ACCOUNT, FUNCTION, LIVE, REGION, Answer, Api, answer


def test_a_request_reaches_the_alias_and_its_answer_the_client(api: Api) -> None:
    api.handler = lambda event: answer(
        {"statusCode": 201, "headers": {"Content-Type": "text/html"}, "body": f"<b>{event['rawPath']}</b>"}
    )
    response = api.open("/versions")
    assert (response.status_code, response.get_data(as_text=True)) == (201, "<b>/versions</b>")
    assert response.headers["Content-Type"] == "text/html"
    assert api.calls[0][0] == LIVE


@pytest.mark.parametrize(
    "uri",
    [LIVE, f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{LIVE}/invocations"],
    ids=["function", "invoke"],
)
def test_both_forms_of_an_integration_uri_name_the_alias(bare: Api, uri: str) -> None:
    bare.route(uri=uri)
    bare.stage()
    bare.allow()
    assert bare.open().status_code == 200
    assert bare.calls[0][0] == LIVE


def test_an_unknown_api_is_not_found(api: Api) -> None:
    api.id = "abcdefghij"
    response = api.open()
    assert (response.status_code, response.json) == (404, {"message": "Not Found"})


def test_without_a_stage_nothing_is_found(bare: Api) -> None:
    bare.route()
    bare.allow()
    assert bare.open().status_code == 404


def test_a_stage_that_was_never_deployed_serves_nothing(bare: Api) -> None:
    bare.route()
    bare.allow()
    bare.stage(AutoDeploy=False)
    assert bare.open().status_code == 404


def test_without_a_route_nothing_is_found(bare: Api) -> None:
    bare.route("GET /pictures")
    bare.stage()
    bare.allow()
    assert bare.open("/thumbnails").status_code == 404
    assert bare.open("/pictures").status_code == 200


def test_a_named_stage_is_part_of_the_path(bare: Api) -> None:
    bare.route("GET /pictures")
    bare.stage("prod", StageVariables={"colour": "blue"})
    bare.allow()
    assert bare.open("/prod/pictures").status_code == 200
    assert bare.event["rawPath"] == "/prod/pictures"
    assert bare.event["requestContext"]["stage"] == "prod"
    assert bare.event["stageVariables"] == {"colour": "blue"}


def test_without_a_permission_the_function_is_not_invoked(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    api.policies.clear()
    with caplog.at_level(logging.WARNING):
        response = api.open()
    assert (response.status_code, response.json) == (500, {"message": "Internal Server Error"})
    assert not api.calls
    assert f"the policy of {LIVE} does not let apigateway.amazonaws.com invoke it" in caplog.text


def test_a_permission_on_the_function_does_not_open_the_alias(api: Api) -> None:
    api.policies.clear()
    api.allow(FUNCTION)
    assert api.open().status_code == 500


def test_a_permission_for_another_api_does_not_count(api: Api) -> None:
    api.allow(source=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:other/*/*")
    assert api.open().status_code == 500


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"PayloadFormatVersion": "1.0"}, "the payload format 1.0"),
        ({"IntegrationType": "HTTP_PROXY", "IntegrationUri": "http://example.com"}, "the type HTTP_PROXY"),
        ({"RequestParameters": {"append:header.x": "y"}}, "parameter mapping"),
    ],
    ids=["payload", "proxy", "mapping"],
)
def test_what_is_not_served_is_named(bare: Api, more: dict[str, Any], named: str) -> None:
    bare.route(**more)
    bare.stage()
    bare.allow()
    response = bare.open()
    assert response.status_code == 501
    assert named in response.json["message"]  # type: ignore[index]  # an error always has a body


def test_a_failing_function_is_an_internal_error(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    api.handler = lambda _: Answer(b'{"errorMessage":"boom"}', "Unhandled")
    assert api.open().status_code == 500
    assert "boom" in caplog.text


def test_a_function_that_cannot_be_invoked_is_an_internal_error(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    def throttled(_: dict[str, Any]) -> Answer:
        raise IntegrationError("too many invocations")

    api.handler = throttled
    assert api.open().status_code == 500
    assert "too many invocations" in caplog.text


def test_whatever_the_invocation_raises_is_an_internal_error(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: dict[str, Any]) -> Answer:
        raise LookupError("no such function")

    api.handler = broken
    response = api.open()
    assert (response.status_code, response.json) == (500, {"message": "Internal Server Error"})
    assert "LookupError: no such function" in caplog.text


def test_a_malformed_answer_is_an_internal_error(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    api.handler = lambda _: answer({"statusCode": "many"})
    assert api.open().status_code == 500
    assert "the statusCode 'many' is no status of HTTP" in caplog.text


def test_a_function_that_takes_too_long_is_unavailable(api: Api) -> None:
    done = threading.Event()

    def slow(_: dict[str, Any]) -> Answer:
        done.wait(20)
        return answer(None)

    api.handler = slow
    api.max_seconds = 0.05
    response = api.open()
    done.set()
    assert (response.status_code, response.json) == (503, {"message": "Service Unavailable"})


def test_a_preflight_is_answered_without_the_function(api: Api) -> None:
    api.gateway.update_api(
        ApiId=api.id,
        CorsConfiguration={
            "AllowOrigins": ["https://example.com"],
            "AllowMethods": ["GET", "POST"],
            "MaxAge": 300,
        },
    )
    headers = {"Origin": "https://example.com", "Access-Control-Request-Method": "POST"}
    response = api.open(method="OPTIONS", headers=headers)
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "https://example.com"
    assert response.headers["Access-Control-Allow-Methods"] == "GET,POST"
    assert response.headers["Access-Control-Max-Age"] == "300"
    assert not api.calls


def test_the_configured_cors_headers_replace_those_of_the_function(api: Api) -> None:
    api.gateway.update_api(ApiId=api.id, CorsConfiguration={"AllowOrigins": ["*"]})
    api.handler = lambda _: answer(
        {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "http://x"}}
    )
    response = api.open(headers={"Origin": "https://example.com"})
    assert response.headers.getlist("Access-Control-Allow-Origin") == ["*"]


def test_without_cors_the_headers_of_the_function_stay(api: Api) -> None:
    api.handler = lambda _: answer(
        {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "http://x"}}
    )
    response = api.open(headers={"Origin": "https://example.com"})
    assert response.headers["Access-Control-Allow-Origin"] == "http://x"


def test_each_request_is_written_to_the_access_log(bare: Api) -> None:
    bare.logs.create_log_group(logGroupName="/api/access")
    bare.route()
    bare.allow()
    bare.stage(
        AccessLogSettings={
            "DestinationArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/api/access",
            "Format": '{"id":"$context.requestId","to":"$context.httpMethod $context.path",'
            '"status":$context.status,"of":"$context.routeKey","user":"$context.authorizer.sub"}',
        }
    )
    request_id = bare.open("/versions").headers["Apigw-Requestid"]
    events = bare.logs.filter_log_events(logGroupName="/api/access")["events"]
    assert [event["message"] for event in events] == [
        f'{{"id":"{request_id}","to":"GET /versions","status":200,"of":"$default","user":"-"}}'
    ]


def test_an_access_log_without_its_group_is_told_in_the_log(
    bare: Api, caplog: pytest.LogCaptureFixture
) -> None:
    bare.route()
    bare.allow()
    destination = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/gone"
    bare.stage(AccessLogSettings={"DestinationArn": destination, "Format": "$context.status"})
    assert bare.open().status_code == 200
    assert "the access log's group /gone does not exist" in caplog.text


def test_a_body_over_ten_megabytes_is_refused(api: Api) -> None:
    response = api.open(method="POST", data=b"x" * (10 * 1024 * 1024 + 1))
    assert response.status_code == 413
    assert not api.calls
