"""The API through its Lambda handler: API Gateway's events in, its answers out, messages on the queue."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from app import api, identity
from app.cloud import SettingError
from app.identity import Identity

from .conftest import BUCKET, CONTEXT, Stage, environment

KEY = "pictures/2026/cat.jpg"
THUMBNAILS = ["thumbnails/128/2026/cat.jpg.jpg", "thumbnails/512/2026/cat.jpg.jpg"]


def request(method: str, path: str, body: str | None = None) -> dict[str, Any]:
    """The event that API Gateway makes of a request (payload format 2.0)."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "api.example"},
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def call(method: str, path: str, body: str | None = None) -> tuple[int, Any]:
    """Calls the handler as API Gateway does; gives the status and the JSON answer."""
    answer = api.handler(request(method, path, body), CONTEXT)
    return answer["statusCode"], json.loads(answer["body"])


def test_a_picture_in_the_bucket_is_queued_once_and_its_thumbnails_are_named(stage: Stage) -> None:
    stage.put(KEY)
    status, answer = call("POST", "/pictures", json.dumps({"key": KEY}))
    assert (status, answer) == (202, {"key": KEY, "thumbnails": THUMBNAILS})
    assert stage.messages() == [{"key": KEY}]


def test_a_picture_that_is_not_in_the_bucket_is_404_and_queues_nothing(stage: Stage) -> None:
    status, answer = call("POST", "/pictures", json.dumps({"key": KEY}))
    assert (status, answer) == (404, {"detail": f"no such picture: {KEY}"})
    assert stage.messages() == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"key": "elsewhere/cat.jpg"}', "not a picture's key"),
        ('{"key": "pictures/../secrets"}', "not a picture's key"),
        ('{"key": 1}', "valid string"),
        ("{}", "Field required"),
        ('{"key": ', "JSON decode error"),
        (None, "Field required"),
    ],
    ids=["elsewhere", "climbing", "number", "no-key", "bad-json", "no-body"],
)
def test_a_request_that_names_no_picture_is_422_with_the_reason(body: str | None, told: str) -> None:
    status, answer = call("POST", "/pictures", body)
    assert status == 422
    assert told in json.dumps(answer)


def test_what_is_wrong_with_aws_is_no_missing_picture(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Nothing ever listens on port 1.
    environment(monkeypatch, {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1"})
    answer = api.handler(request("POST", "/pictures", json.dumps({"key": KEY})), CONTEXT)
    assert answer["statusCode"] == 500
    assert "Could not connect to the endpoint URL" in caplog.text


def test_there_is_404_until_the_worker_made_thumbnails(stage: Stage) -> None:
    stage.put(KEY)
    assert call("GET", f"/pictures/{KEY}") == (404, {"detail": f"no thumbnails yet of {KEY}"})


def test_each_thumbnail_has_an_address_that_serves_it(stage: Stage) -> None:
    stage.put(THUMBNAILS[1], body=b"a thumbnail")
    status, answer = call("GET", f"/pictures/{KEY}")
    assert (status, [found["key"] for found in answer]) == (200, [THUMBNAILS[1]])
    with urllib.request.urlopen(answer[0]["url"], timeout=10) as served:
        assert served.read() == b"a thumbnail"


def test_addresses_are_signed_as_new_buckets_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-west-2"}
    environment(monkeypatch, {**credentials, "LAMINA_BUCKET": BUCKET})
    address = api._address(THUMBNAILS[0])
    assert address.startswith(f"https://{BUCKET}.s3.us-west-2.amazonaws.com/{THUMBNAILS[0]}?")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in address


def test_a_key_with_escapes_means_the_same_in_both_requests(stage: Stage) -> None:
    stage.put("pictures/a+b.jpg", "thumbnails/128/a+b.jpg.jpg")
    assert call("POST", "/pictures", json.dumps({"key": "pictures/a+b.jpg"}))[0] == 202
    status, answer = call("GET", "/pictures/pictures/a+b.jpg")
    assert (status, answer[0]["key"]) == (200, "thumbnails/128/a+b.jpg.jpg")


def test_a_bad_key_in_the_path_is_422() -> None:
    assert call("GET", "/pictures/elsewhere")[0] == 422


def test_health_needs_neither_manifests_nor_aws() -> None:
    assert call("GET", "/health") == (200, {"status": "ok"})


def test_another_path_is_404_and_another_method_405() -> None:
    assert call("GET", "/elsewhere")[0] == 404
    assert call("DELETE", "/pictures")[0] == 405


def test_versions_tells_what_this_process_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    running = Identity("l" * 64, "c" * 64, ("boto3", "no-such-package"))
    monkeypatch.setattr(identity, "identity", lambda: running)
    monkeypatch.setattr(api, "identity", lambda: running)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "lamina-api")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")
    identity.installed_versions.cache_clear()
    status, answer = call("GET", "/versions")
    identity.installed_versions.cache_clear()
    assert status == 200
    assert answer["packages"].pop("boto3").startswith("1.")
    assert answer == {
        "layer": "l" * 64,
        "code": "c" * 64,
        "function": "lamina-api",
        "version": "7",
        "packages": {"no-such-package": None},
    }


def test_the_smoke_check_misses_no_setting(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    api._check()
    monkeypatch.delenv("LAMINA_QUEUE_URL")
    with pytest.raises(SettingError, match="LAMINA_QUEUE_URL is not set: the stack sets it"):
        api._check()
