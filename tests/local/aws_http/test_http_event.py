from __future__ import annotations

import base64

import pytest

from .conftest import ACCOUNT, Api


def test_the_event_describes_the_request_in_payload_format_2(api: Api) -> None:
    api.open("/pictures/a%20b?size=1&size=2&empty=", method="PUT", headers={"User-Agent": "tests"})
    event = api.event
    assert event["version"] == "2.0"
    assert event["routeKey"] == "$default"
    assert event["rawPath"] == "/pictures/a b"
    assert event["rawQueryString"] == "size=1&size=2&empty="
    assert event["queryStringParameters"] == {"size": "1,2", "empty": ""}
    context = event["requestContext"]
    assert context["http"] == {
        "method": "PUT",
        "path": "/pictures/a b",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "tests",
    }
    assert (context["accountId"], context["apiId"], context["stage"]) == (ACCOUNT, api.id, "$default")


def test_what_is_empty_is_left_out(api: Api) -> None:
    api.open("/")
    left_out = {"body", "cookies", "pathParameters", "queryStringParameters", "stageVariables"}
    assert left_out.isdisjoint(api.event)
    assert api.event["isBase64Encoded"] is False


def test_cookies_stand_apart_from_the_headers(api: Api) -> None:
    api.open("/", headers={"Cookie": "a=1; b=2", "X-Mixed-Case": "Yes"})
    assert api.event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in api.event["headers"]
    assert api.event["headers"]["x-mixed-case"] == "Yes"


def test_the_way_of_the_request_is_in_its_headers(api: Api) -> None:
    api.open("/", headers={"X-Forwarded-For": "10.0.0.1"}, base_url="http://127.0.0.1:4566")
    headers = api.event["headers"]
    assert headers["x-forwarded-for"] == "10.0.0.1, 127.0.0.1"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("http", "4566")
    assert headers["host"] == "127.0.0.1:4566"
    assert headers["x-amzn-trace-id"].startswith("Root=1-")


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "application/problem+json", ""])
def test_text_comes_as_it_is(api: Api, content_type: str) -> None:
    api.open("/", method="POST", data="é{}".encode(), content_type=content_type)
    assert (api.event["body"], api.event["isBase64Encoded"]) == ("é{}", False)


@pytest.mark.parametrize("content_type", ["image/png", "application/x-www-form-urlencoded"])
def test_everything_else_comes_in_base64(api: Api, content_type: str) -> None:
    api.open("/", method="POST", data=b"a=\xff", content_type=content_type)
    assert base64.b64decode(api.event["body"]) == b"a=\xff"
    assert api.event["isBase64Encoded"] is True


def test_path_variables_are_decoded(bare: Api) -> None:
    bare.route("GET /pictures/{key}/{rest+}")
    bare.stage()
    bare.allow()
    assert bare.open("/pictures/a%20b/c/d").status_code == 200
    assert bare.event["pathParameters"] == {"key": "a b", "rest": "c/d"}
    assert bare.event["routeKey"] == "GET /pictures/{key}/{rest+}"
