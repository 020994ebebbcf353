from __future__ import annotations

import json
from typing import Any

import pytest

from local.aws.http_response import MalformedAnswerError, response_of


@pytest.mark.parametrize(
    ("answer", "body"),
    [({"a": 1}, '{"a": 1}'), ([1], "[1]"), ("hello", "hello"), (None, "null")],
    ids=["object", "array", "string", "null"],
)
def test_an_answer_without_a_status_is_the_body(answer: Any, body: str) -> None:
    response = response_of(json.dumps(answer).encode())
    assert (response.status_code, response.get_data(as_text=True)) == (200, body)
    assert response.headers["Content-Type"] == "application/json"


def test_cookies_become_one_header_each() -> None:
    response = response_of(b'{"statusCode": 204, "cookies": ["a=1; Secure", "b=2"]}')
    assert response.headers.getlist("Set-Cookie") == ["a=1; Secure", "b=2"]


def test_a_body_in_base64_is_decoded() -> None:
    response = response_of(b'{"statusCode": "200", "body": "AP8=", "isBase64Encoded": true}')
    assert response.get_data() == b"\x00\xff"


def test_headers_keep_their_names_and_numbers_become_text() -> None:
    response = response_of(
        b'{"statusCode": 200, "headers": {"X-Count": 3, "Content-Length": "99"}, "body": "x"}'
    )
    assert response.headers["X-Count"] == "3"
    assert response.headers["Content-Length"] == "1"
    assert response.headers["Content-Type"] == "text/plain;charset=UTF-8"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"<html>", "is not JSON"),
        (b'{"statusCode": true}', "the statusCode True is no status"),
        (b'{"statusCode": 99}', "the statusCode 99 is no status"),
        (b'{"statusCode": 200, "body": {"a": 1}}', "the body is a dict, not a string"),
        (b'{"statusCode": 200, "body": "?", "isBase64Encoded": true}', "said to be base64"),
        (b'{"statusCode": 200, "headers": ["a"]}', "headers must be an object"),
        (b'{"statusCode": 200, "headers": {"a": ["b"]}}', "the header a has a value that is no string"),
    ],
)
def test_what_is_no_response_is_refused_with_its_reason(payload: bytes, reason: str) -> None:
    with pytest.raises(MalformedAnswerError, match=reason):
        response_of(payload)
