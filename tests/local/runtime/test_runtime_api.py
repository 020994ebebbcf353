from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from local.runtime.exchange import Exchange, Invocation
from local.runtime.runtime_api import PREFIX, RuntimeApi

INVOCATION = Invocation(request_id="id", event=b'{"a": 1}', deadline=5, arn="arn", trace_id="Root=1-2-3")


def soon() -> float:
    return time.monotonic() + 20


@pytest.fixture
def api() -> Iterator[RuntimeApi]:
    served = RuntimeApi(Exchange())
    yield served
    served.exchange.process_ended(0)
    served.stop()


def call(api: RuntimeApi, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
    connection = http.client.HTTPConnection(api.address)
    connection.request(method, PREFIX + path, body, headers)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, response.headers, json.loads(content)


def test_next_gives_the_event_with_what_describes_it(api: RuntimeApi) -> None:
    api.exchange.submit(INVOCATION)
    status, headers, event = call(api, "GET", "/invocation/next")
    assert (status, event) == (200, {"a": 1})
    assert headers["Lambda-Runtime-Aws-Request-Id"] == "id"
    assert headers["Lambda-Runtime-Deadline-Ms"] == "5"
    assert headers["Lambda-Runtime-Invoked-Function-Arn"] == "arn"
    assert headers["Lambda-Runtime-Trace-Id"] == "Root=1-2-3"


def test_a_response_in_chunks_is_the_outcome(api: RuntimeApi) -> None:
    api.exchange.submit(INVOCATION)
    call(api, "GET", "/invocation/next")
    assert call(api, "POST", "/invocation/id/response", iter([b"[1,", b"2]"]))[0] == 202
    outcome = api.exchange.wait_for_outcome(soon())
    assert outcome is not None
    assert (outcome.payload, outcome.error) == (b"[1,2]", None)


def test_an_error_has_the_type_of_its_header_or_its_body(api: RuntimeApi) -> None:
    for headers, expected in (({"Lambda-Runtime-Function-Error-Type": "A"}, "A"), ({}, "B")):
        api.exchange.submit(INVOCATION)
        call(api, "GET", "/invocation/next")
        assert call(api, "POST", "/invocation/id/error", b'{"errorType": "B"}', **headers)[0] == 202
        outcome = api.exchange.wait_for_outcome(soon())
        assert outcome is not None
        assert outcome.error == expected


def test_an_answer_to_another_request_is_refused(api: RuntimeApi) -> None:
    status, _, body = call(api, "POST", "/invocation/other/response", b"1")
    assert (status, body["errorType"]) == (400, "InvalidRequestID")


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("POST", "/nothing")])
def test_an_unknown_call_is_not_found(api: RuntimeApi, method: str, path: str) -> None:
    assert call(api, method, path)[0] == 404


def test_a_failed_start_is_told_to_who_waits(api: RuntimeApi) -> None:
    answers: list[bool] = []
    waiting = threading.Thread(target=lambda: answers.append(api.exchange.wait_until_ready(soon())))
    waiting.start()
    assert call(api, "POST", "/init/error", b'{"errorType": "Runtime.Broken"}')[0] == 202
    waiting.join()
    assert answers == [False]
    assert api.exchange.init_error is not None
    assert api.exchange.init_error.error == "Runtime.Broken"
