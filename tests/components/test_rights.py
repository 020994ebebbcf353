"""Rights: what every policy of the stack allows, and whether the walk over them would see a wider one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest

from components.function import PythonFunction
from components.policy import document, statement

from .conftest import enter_project
from .program import Run, run
from .rights import WIDE, Granted, Statement, exceptions, faults, granted, unseen
from .whole import stack

Widened = Callable[[Statement], Statement]


def in_a_vpc() -> Run:
    """A function whose role needs what only functions in a VPC need."""

    def program() -> None:
        PythonFunction(
            "inside",
            {
                "directory": ".",
                "source": "app",
                "handler": "app.api.handler",
                "python": "3.12",
                "architecture": "arm64",
                "bucket": "artifacts",
                "subnet_ids": ["subnet-1"],
                "security_group_ids": ["sg-1"],
            },
        )

    return run(program)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """The stack, and a function in a VPC; run once, because nothing here changes them."""
    with pytest.MonkeyPatch.context() as patch, contextlib.closing(asyncio.new_event_loop()) as loop:
        asyncio.set_event_loop(loop)
        enter_project(tmp_path_factory.mktemp("project"), patch)
        return stack(), in_a_vpc()


@pytest.fixture(scope="module")
def everything(runs: tuple[Run, Run]) -> list[Granted]:
    """All that they are granted."""
    return [each for one in runs for each in granted(one)]


def test_no_right_comes_from_a_policy_that_is_not_spelt_out(runs: tuple[Run, Run]) -> None:
    assert [urn for each in runs for urn in unseen(each)] == []


def test_no_policy_has_a_wildcard_that_aws_does_not_ask_for(everything: list[Granted]) -> None:
    assert faults(everything) == []


def test_every_role_bucket_and_permission_is_walked(everything: list[Granted]) -> None:
    kinds = [each.where.split("::")[2].rpartition(":")[2] for each in everything]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "Role": 4,
        "RolePolicy": 3 * 2 + 2 + 1 + 2 + 2 + 5,
        "BucketPolicy": 2,
        "Permission": 2,
    }


def test_every_exception_is_needed(everything: list[Granted]) -> None:
    assert exceptions(everything) == set(WIDE)


def test_no_function_may_make_a_log_group(everything: list[Granted]) -> None:
    actions = {action for each in everything for action in each.statement["Action"]}
    assert "logs:CreateLogStream" in actions
    assert "logs:CreateLogGroup" not in actions


WIDER: dict[str, Widened] = {
    "every action": lambda each: {**each, "Action": "*"},
    "every action of a service": lambda each: {**each, "Action": [f"{first_action(each).split(':')[0]}:*"]},
    "actions that begin so": lambda each: {**each, "Action": [f"{first_action(each)}*"]},
    "one more action": lambda each: {**each, "Action": [first_action(each), "iam:PassRol?"]},
    "all actions but one": lambda each: {**each, "NotAction": "iam:CreateUser"},
    "every resource": lambda each: {**each, "Action": ["s3:GetObject"], "Resource": ["*"]},
    "a whole bucket": lambda each: {**each, "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::b/*"},
    "every bucket": lambda each: {**each, "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::*/a/*"},
    "every log group": lambda each: {
        **each,
        "Action": ["logs:PutLogEvents"],
        "Resource": "arn:aws:logs:us-west-2:123456789012:log-group:*",
    },
    "all resources but one": lambda each: {**each, "NotResource": "arn:aws:s3:::b/x"},
    "everybody": lambda each: {**each, "Principal": "*"},
    "every account": lambda each: {**each, "Principal": {"AWS": ["*"]}},
    "a service for anybody": lambda each: {
        **each,
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Condition": {},
    },
    "a service for every account": lambda each: {
        **each,
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Condition": {"StringLike": {"aws:SourceAccount": "*"}},
    },
}


@pytest.mark.parametrize("widened", WIDER.values(), ids=WIDER)
def test_any_statement_that_is_made_wider_is_seen(everything: list[Granted], widened: Widened) -> None:
    allowing = [each for each in everything if each.statement["Effect"] == "Allow"]
    assert len(allowing) > 20
    for each in allowing:
        assert faults([Granted(each.where, widened(each.statement))]), each


def test_a_policy_is_found_wherever_a_resource_has_it() -> None:
    text = document([statement(["sqs:*"], ["*"])])

    def program() -> None:
        Odd("queue", {"settings": [{"policy": text}]})

    assert [fault.partition(": ")[2] for fault in faults(granted(run(program)))] == [
        "the action sqs:* is a wildcard",
        "sqs:* on * is a wildcard",
    ]


class Odd(pulumi.ComponentResource):
    """A resource whose inputs hold a policy somewhere."""

    def __init__(self, name: str, inputs: dict[str, Any]) -> None:
        super().__init__("tests:index:Odd", name, inputs)


def first_action(each: Statement) -> str:
    actions = each["Action"]
    return str(actions if isinstance(actions, str) else actions[0])


def log_groups(found: Run) -> Iterator[str]:
    """The names of the groups that something writes to."""
    for function in found.all("Function"):
        yield function.inputs["loggingConfig"]["logGroup"]
    for stage in found.all("Stage"):
        yield stage.inputs["accessLogSettings"]["destinationArn"].partition(":log-group:")[2]


def test_whatever_writes_logs_writes_them_to_a_group_of_the_stack_that_forgets(
    runs: tuple[Run, Run],
) -> None:
    found, _ = runs
    days = {each.inputs["name"]: each.inputs["retentionInDays"] for each in found.all("LogGroup")}
    assert sorted(log_groups(found)) == sorted(days)
    assert len(days) == 4
    assert all(0 < kept <= 365 for kept in days.values())
