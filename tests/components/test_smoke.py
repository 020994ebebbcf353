"""Smoke tests: what an answer must hold, and what is told when it does not."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components import asking
from components.asking import Answer
from components.smoke import SmokeTest, explanation, judged, unmet

TEST = SmokeTest(
    short="api",
    function_name="lamina-staging-api",
    region="us-west-2",
    version="5",
    event='{"ping": 1}',
    expectation='{"status": "ok"}',
    bucket="artifacts",
    key="releases/api/5.json",
    entry="the entry",
)
NAMES = {"api": "lamina-staging-api", "worker": "lamina-staging-worker"}


@pytest.mark.parametrize(
    ("answer", "expectation"),
    [
        ("anything", ""),
        ('{"a": 1, "b": 2}', '{"a": 1}'),
        ('{"a": {"b": [1, 2], "c": 3}}', '{"a": {"b": [1, 2]}}'),
        ("null", "null"),
    ],
    ids=["nothing", "more members", "nested", "null"],
)
def test_an_answer_may_hold_more_than_is_expected(answer: str, expectation: str) -> None:
    assert unmet(answer, expectation) == ""


@pytest.mark.parametrize(
    ("answer", "expectation", "told"),
    [
        ("no", "{}", "'no' is no JSON"),
        ("[]", "{}", "the answer is [] where {} is expected"),
        ('{"a": {"b": 1}}', '{"a": {"b": 2}}', "a.b is 1 where 2 is expected"),
        ("{}", '{"a": {"b": 2}}', "the answer has no a"),
        ('{"a": [1]}', '{"a": [1, 2]}', "a is [1] where [1, 2] is expected"),
        ('{"a": true}', '{"a": 1}', "a is true where 1 is expected"),
    ],
    ids=["no JSON", "another kind", "another value", "missing", "shorter", "boolean"],
)
def test_what_differs_is_named_with_its_place(answer: str, expectation: str, told: str) -> None:
    assert unmet(answer, expectation) == told


class Aws:
    """Answers what `components.asking` asks of it."""

    def __init__(self, answer: str, *, error: bool = False, entry: str | None = None) -> None:
        self.answer, self.error, self.entry = answer, error, entry
        self.asked: list[str] = []

    def ask(self, function_name: str, version: str, event: str, region: str) -> Answer:
        self.asked.append(f"{function_name}:{version} {event}")
        return Answer(self.answer, self.error, "START\nimporting\n")

    def live(self, names: dict[str, str], region: str) -> str:
        return ", ".join(f"{short} 4" for short in names)

    def written(self, bucket: str, key: str, region: str) -> str | None:
        return self.entry if (bucket, key) == (TEST.bucket, TEST.key) else None


def judge(monkeypatch: pytest.MonkeyPatch, aws: Aws, result: str) -> str:
    for name in ("ask", "live", "written"):
        monkeypatch.setattr(asking, name, getattr(aws, name))
    return asyncio.run(judged(TEST, result, NAMES))


def test_an_answer_as_expected_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = Aws("")
    assert judge(monkeypatch, aws, '{"status": "ok"}') == "5"
    assert aws.asked == []


def test_an_answer_that_was_not_as_expected_is_asked_for_until_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = Aws('{"status": "ok"}')
    assert judge(monkeypatch, aws, '{"status": "down"}') == "5"
    assert aws.asked == ['lamina-staging-api:5 {"ping": 1}']


def test_a_version_whose_entry_is_in_the_ledger_has_passed_since(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = Aws("", entry="the entry")
    assert judge(monkeypatch, aws, '{"status": "down"}') == "5"
    assert aws.asked == []


@pytest.mark.parametrize("entry", [None, "that of another test"])
def test_an_answer_that_stays_wrong_ends_the_run_with_log_and_what_is_live(
    monkeypatch: pytest.MonkeyPatch, entry: str | None
) -> None:
    aws = Aws('{"status": "down"}', entry=entry)
    with pytest.raises(pulumi.RunError) as caught:
        judge(monkeypatch, aws, '{"status": "down"}')
    assert str(caught.value).splitlines() == [
        'api 5 failed its smoke test: status is "down" where "ok" is expected',
        "  the end of its log:",
        "      START",
        "      importing",
        "  no alias has moved for it; live is api 4, worker 4",
    ]


def test_what_cannot_be_asked_again_still_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Answer:
        raise OSError("no\nroute")

    aws = Aws("")
    monkeypatch.setattr(aws, "ask", refuse)
    with pytest.raises(pulumi.RunError, match="api 5 failed its smoke test; why cannot be asked: no route"):
        judge(monkeypatch, aws, "{}")


def test_an_error_is_told_by_its_type_and_message() -> None:
    answer = Answer('{"errorType": "ImportError", "errorMessage": "no PIL", "stackTrace": []}', True, "")
    told = explanation(TEST, answer, answer.error, "api 4")
    assert told.splitlines()[:2] == [
        "api 5 failed its smoke test: ImportError: no PIL",
        "  it logged nothing",
    ]
    assert Answer("Task timed out", True, "").error == "Task timed out"


def test_only_the_end_of_a_long_log_is_told() -> None:
    log = io.StringIO()
    log.writelines(f"line {number}\n" for number in range(100))
    told = explanation(replace(TEST, short="x"), Answer("{}", False, log.getvalue()), "fault", "x 1")
    assert "line 79" not in told
    assert "line 99" in told


def test_a_log_is_told_as_people_read_it() -> None:
    log = """half a line"}
{"time": "t", "type": "platform.start", "record": {}}
{"timestamp": "t", "level": "WARN", "message": "low on space", "requestId": "r"}
plain

{"level": "ERROR", "errorMessage": "no PIL", "errorType": "E", "stackTrace": ["  File a\\n    b()\\n"]}
{"type": "platform.report"}
["a list"]
{"other": 1}
"""
    assert asking.log_lines(log) == [
        'half a line"}',
        "WARN low on space",
        "plain",
        "ERROR E: no PIL",
        "  File a",
        "    b()",
        '["a list"]',
        '{"other": 1}',
    ]
