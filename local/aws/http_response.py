"""Turns what a function returned into the response of an HTTP API, payload format 2.0.

AWS docs, "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway", "Lambda function response".
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

HOP_BY_HOP = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})
STATUSES = range(100, 600)


class MalformedAnswerError(Exception):
    """A function's answer is no response; API Gateway says `Internal Server Error` to the client."""


class OwnResponse(Response):
    """An answer of API Gateway itself, not of a function.

    Args:
        status: of HTTP.
        said: such as `Not Found`; the client gets it as a JSON object.
    """

    def __init__(self, status: int, said: str) -> None:
        super().__init__(json.dumps({"message": said}), status=status, content_type="application/json")
        self.said = said


def response_of(payload: bytes) -> Response:
    """Reads a function's answer.

    Args:
        payload: JSON. An object with a `statusCode` describes the response; anything else is its body.

    Returns:
        The response.

    Raises:
        MalformedAnswerError: it is no JSON, or a part of it has the wrong type.
    """
    try:
        answer = json.loads(payload)
    except ValueError as error:
        raise MalformedAnswerError(f"the function's answer is not JSON: {error}") from error
    if not isinstance(answer, dict) or "statusCode" not in answer:
        body = answer.encode() if isinstance(answer, str) else payload
        return Response(body, content_type="application/json")
    response = Response(_body(answer), status=_status(answer), headers=_headers(answer))
    if "headers" not in answer or "content-type" not in {name.lower() for name in answer["headers"] or {}}:
        response.headers["Content-Type"] = "text/plain;charset=UTF-8"
    return response


def _status(answer: Mapping[str, Any]) -> int:
    given = answer["statusCode"]
    try:
        status = int(given)
    except (TypeError, ValueError):
        status = 0
    if isinstance(given, bool) or status not in STATUSES:
        raise MalformedAnswerError(f"the statusCode {given!r} is no status of HTTP")
    return status


def _headers(answer: Mapping[str, Any]) -> Headers:
    given = answer.get("headers") or {}
    cookies = answer.get("cookies") or []
    if not isinstance(given, dict) or not isinstance(cookies, list):
        raise MalformedAnswerError("headers must be an object and cookies an array")
    headers = Headers()
    for name, value in given.items():
        if name.lower() in HOP_BY_HOP:
            continue
        if isinstance(value, (dict, list)):
            raise MalformedAnswerError(f"the header {name} has a value that is no string")
        headers.add(name, json.dumps(value) if isinstance(value, bool) else str(value))
    for cookie in cookies:
        headers.add("Set-Cookie", str(cookie))
    return headers


def _body(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise MalformedAnswerError(f"the body is a {type(body).__name__}, not a string")
    if not answer.get("isBase64Encoded"):
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise MalformedAnswerError(f"the body is said to be base64 and is not: {error}") from error
