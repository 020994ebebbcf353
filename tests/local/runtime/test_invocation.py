from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from local.runtime.deployment import Deployment, InvocationResult
from local.runtime.pool import Runtimes

from .conftest import ARN

Run = Callable[..., InvocationResult]
ECHO = "def handler(event, context):\n    return event\n"


def error_of(result: InvocationResult) -> dict[str, Any]:
    assert result.error == "Unhandled"
    error: dict[str, Any] = json.loads(result.payload)
    return error


def test_a_handler_gets_the_event_and_its_answer_comes_back(run: Run) -> None:
    event = {"text": "Grüße", "numbers": [1, 2.5, None]}
    result = run(ECHO, event)
    assert (json.loads(result.payload), result.error) == (event, None)


def test_a_handler_in_a_package_is_found(run: Run) -> None:
    files = {"app/__init__.py": "", "app/api.py": ECHO}
    assert run("", 1, files=files, handler="app.api.handler").payload == b"1"


def test_the_context_describes_the_invocation(runtimes: Runtimes, deploy: Callable[..., Deployment]) -> None:
    code = """
    def handler(event, context):
        return {"name": context.function_name, "version": context.function_version,
                "id": context.aws_request_id, "arn": context.invoked_function_arn,
                "memory": context.memory_limit_in_mb,
                "group": context.log_group_name, "stream": context.log_stream_name,
                "left": context.get_remaining_time_in_millis(), "client": context.client_context.custom}
    """
    result = runtimes.invoke(
        deploy(code, memory=512),
        b"{}",
        invoked_arn=f"{ARN}:live",
        request_id="11111111-2222-3333-4444-555555555555",
        client_context='{"custom": {"a": "b"}}',
    )
    said = json.loads(result.payload)
    assert 15_000 < said.pop("left") <= 20_000
    assert said == {
        "name": "api",
        "version": "7",
        "id": "11111111-2222-3333-4444-555555555555",
        "arn": f"{ARN}:live",
        "memory": "512",
        "group": "/aws/lambda/api",
        "stream": result.log_stream,
        "client": {"a": "b"},
    }


def test_an_exception_is_reported_with_its_type_and_trace(run: Run) -> None:
    result = run("def handler(event, context):\n    raise ValueError('boom')\n")
    error = error_of(result)
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "boom")
    assert error["requestId"] == result.request_id
    assert "in handler" in error["stackTrace"][0]
    assert any(event.startswith("[ERROR] ValueError: boom\nTraceback") for event in result.events)


def test_after_an_exception_the_environment_stays(
    runtimes: Runtimes, deploy: Callable[..., Deployment]
) -> None:
    deployment = deploy(
        "n = 0\ndef handler(event, context):\n    global n\n    n += 1\n    return n // event\n"
    )
    assert error_of(runtimes.invoke(deployment, b"0"))["errorType"] == "ZeroDivisionError"
    assert runtimes.invoke(deployment, b"1").payload == b"2"


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("import nowhere", "Runtime.ImportModuleError", "module 'main': No module named 'nowhere'"),
        ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'main'"),
        ("x = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'main'"),
        ("1 / 0", "ZeroDivisionError", "division by zero"),
    ],
    ids=["import", "syntax", "handler", "exception"],
)  # fmt: skip
def test_a_module_that_does_not_load_is_reported_as_the_client_says(
    run: Run, code: str, kind: str, message: str
) -> None:
    result = run(code)
    error = error_of(result)
    assert error["errorType"] == kind
    assert message in error["errorMessage"]
    assert result.events[-1].endswith(f"Status: error\tError Type: {kind}")
    assert any(kind in event for event in result.events[:-1])


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("os._exit(3)", "exit status 3"),
        ("os.kill(os.getpid(), 9)", "signal: killed"),
        ("os.kill(os.getpid(), 11)", "signal: segmentation fault"),
    ],
)
@pytest.mark.parametrize("when", ["init", "invoke"])
def test_a_process_that_ends_is_an_exit_error(run: Run, code: str, reason: str, when: str) -> None:
    inside = "import os\ndef handler(event, context):\n    "
    result = run(f"import os\n{code}\n" if when == "init" else inside + code)
    said = f"RequestId: {result.request_id} Error: Runtime exited with error: {reason}"
    assert error_of(result) == {"errorType": "Runtime.ExitError", "errorMessage": said}
    assert f"{said}\nRuntime.ExitError" in result.events
    assert result.events[-1].endswith("Status: error\tError Type: Runtime.ExitError")


def test_a_process_that_just_stops_gives_no_reason(run: Run) -> None:
    error = error_of(run("import os\ndef handler(event, context):\n    os._exit(0)\n"))
    assert error["errorMessage"].endswith("Error: Runtime exited without providing a reason")


def test_after_a_crash_a_new_environment_answers(
    runtimes: Runtimes, deploy: Callable[..., Deployment]
) -> None:
    deployment = deploy(
        "import os\ndef handler(event, context):\n    if event: os._exit(1)\n    return 'up'\n"
    )
    assert error_of(runtimes.invoke(deployment, b"1"))["errorType"] == "Runtime.ExitError"
    assert runtimes.invoke(deployment, b"0").payload == b'"up"'


@pytest.mark.parametrize("loop", ["while True:\n            pass", "import time; time.sleep(60)"])
def test_the_timeout_ends_the_invocation(
    runtimes: Runtimes, deploy: Callable[..., Deployment], loop: str
) -> None:
    deployment = deploy(
        f"def handler(event, context):\n    print('begun')\n    if event:\n        {loop}\n", timeout=1
    )
    result = runtimes.invoke(deployment, b"1")
    said = "Task timed out after 1.00 seconds"
    assert error_of(result) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {result.request_id} Error: {said}",
    }
    assert "begun" in result.events
    assert any(re.fullmatch(rf"\S+Z {result.request_id} {said}", event) for event in result.events)
    assert result.events[-1].endswith("Status: timeout")
    assert runtimes.invoke(deployment, b"0").error is None


def test_an_answer_over_six_megabytes_is_refused(run: Run) -> None:
    error = error_of(run("def handler(event, context):\n    return 'x' * (6 * 1024 * 1024 + 200)\n"))
    assert error["errorType"] == "Function.ResponseSizeTooLarge"
    assert "exceeded maximum allowed payload size (6291556 bytes)" in error["errorMessage"]


def test_an_answer_just_under_six_megabytes_is_taken(run: Run) -> None:
    assert len(run("def handler(event, context):\n    return 'x' * (6 * 1024 * 1024)\n").payload) == 6291458


def test_an_answer_that_is_no_json_is_a_marshal_error(run: Run) -> None:
    error = error_of(run("def handler(event, context):\n    return {1, 2}\n"))
    assert error["errorType"] == "Runtime.MarshalError"


def test_the_log_has_what_lambda_and_the_function_write_in_order(run: Run) -> None:
    code = """
    import logging, os, sys
    print("loading")
    def handler(event, context):
        print("out")
        logging.getLogger().warning("several\\nlines")
        print("err", file=sys.stderr)
        os.system("echo child")
    """
    result = run(code)
    request = result.request_id
    begin, loading, start, out, warning, err, child, end, report = result.events
    assert begin.startswith("INIT_START Runtime Version: python:3.")
    assert (loading, out, err, child) == ("loading", "out", "err", "child")
    assert start == f"START RequestId: {request} Version: 7"
    assert re.fullmatch(rf"\[WARNING\]\t\S+Z\t{request}\tseveral\nlines", warning)
    assert end == f"END RequestId: {request}"
    assert re.fullmatch(
        rf"REPORT RequestId: {request}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\t"
        r"Memory Size: 128 MB\t"
        r"Max Memory Used: \d+ MB\tInit Duration: [\d.]+ ms",
        report,
    )
    assert result.log.decode() == "".join(f"{event}\n" for event in result.events)


def test_a_function_can_log_as_json(run: Run) -> None:
    code = """
    import logging
    def handler(event, context):
        logging.getLogger().info("yes", extra={"key": 5})
        logging.getLogger().debug("no")
    """
    events = [json.loads(event) for event in run(code, log_format="JSON", log_level="INFO").events]
    assert [event["type"] for event in events if "type" in event] == [
        "platform.initStart",
        "platform.start",
        "platform.report",
    ]
    assert [(event["level"], event["message"], event["key"]) for event in events if "level" in event] == [
        ("INFO", "yes", 5)
    ]


def test_what_one_invocation_logs_is_not_in_the_next(
    runtimes: Runtimes, deploy: Callable[..., Deployment]
) -> None:
    deployment = deploy("def handler(event, context):\n    print('event', event)\n")
    assert "event 1" in runtimes.invoke(deployment, b"1").events
    assert "event 1" not in runtimes.invoke(deployment, b"2").events
