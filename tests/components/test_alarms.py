"""Alarms: whom they watch, from when on, and whom they tell."""

from __future__ import annotations

import pulumi
import pytest

from components.alarms import AlarmedQueueArgs, Alarms, AlarmsArgs, of_function

from .program import Registered, Run, run

TOPIC = "arn:aws:sns:us-west-2:123456789012:on-call"
QUEUE: AlarmedQueueArgs = {
    "queue_arn": "arn:aws:sqs:us-west-2:123456789012:jobs",
    "dead_letter_arn": "arn:aws:sqs:us-west-2:123456789012:jobs-dead",
}


def alarms(args: AlarmsArgs) -> dict[str, Registered]:
    """The alarms by their names in AWS, without project and stack."""

    def program() -> None:
        Alarms("alarms", args)

    found: Run = run(program)
    return {each.inputs["name"].removeprefix("lamina-staging-"): each for each in found.all("MetricAlarm")}


def test_the_live_alias_of_each_function_is_watched() -> None:
    found = alarms({"functions": {"api": {"function_name": "f-api", "timeout": 30}}, "queues": {}})
    assert found.keys() == {"api-errors", "api-throttles", "api-duration"}
    assert {each.inputs["namespace"] for each in found.values()} == {"AWS/Lambda"}
    for each in found.values():
        assert each.inputs["dimensions"] == {"FunctionName": "f-api", "Resource": "f-api:live"}


def test_one_failed_call_is_enough_and_single_throttles_are_not() -> None:
    errors, throttles, _ = of_function(30)
    assert (errors.statistic, errors.threshold, errors.bad) == ("Sum", 1, 1)
    assert (throttles.statistic, throttles.threshold, throttles.bad) == ("Sum", 1, 3)


def test_duration_is_held_to_the_timeout_in_milliseconds() -> None:
    found = alarms({"functions": {"worker": {"function_name": "w", "timeout": 60}}, "queues": {}})
    inputs = found["worker-duration"].inputs
    assert (inputs["threshold"], inputs["extendedStatistic"]) == (48_000, "p99")
    assert "statistic" not in inputs
    assert inputs["alarmDescription"] == "the slowest calls take 48 s or more, and are cut off after 60 s"


def test_a_canary_is_watched_by_itself_as_well() -> None:
    found = alarms({"functions": {"api": {"function_name": "f", "timeout": 30, "canary": "7"}}, "queues": {}})
    assert found["api-canary-errors"].inputs["dimensions"] == {
        "FunctionName": "f",
        "Resource": "f:live",
        "ExecutedVersion": "7",
    }
    assert "ExecutedVersion" not in found["api-errors"].inputs["dimensions"]
    assert len(found) == 6


def test_a_queue_is_watched_for_its_age_and_for_what_could_not_be_done() -> None:
    found = alarms({"functions": {}, "queues": {"jobs": {**QUEUE, "oldest_message": 600}}})
    age, dead = found["jobs-age"].inputs, found["jobs-dead"].inputs
    assert (age["metricName"], age["threshold"]) == ("ApproximateAgeOfOldestMessage", 600)
    assert age["dimensions"] == {"QueueName": "jobs"}
    assert (dead["metricName"], dead["threshold"]) == ("ApproximateNumberOfMessagesVisible", 1)
    assert dead["dimensions"] == {"QueueName": "jobs-dead"}


def test_a_function_that_nobody_calls_is_well() -> None:
    found = alarms({"functions": {"api": {"function_name": "f", "timeout": 30}}, "queues": {}})
    assert {each.inputs["treatMissingData"] for each in found.values()} == {"notBreaching"}


@pytest.mark.parametrize("actions", [[], [TOPIC]], ids=["nobody", "one topic"])
def test_those_who_are_told_of_an_alarm_are_told_of_its_end(actions: list[str]) -> None:
    found = alarms({"functions": {}, "queues": {"jobs": QUEUE}, "actions": actions})
    for each in found.values():
        assert each.inputs.get("alarmActions", []) == each.inputs.get("okActions", []) == actions


def test_more_targets_than_cloudwatch_tells_are_refused() -> None:
    with pytest.raises(pulumi.RunError, match=r"6 targets are to be told of alarms.*tells 5"):
        alarms({"functions": {}, "queues": {}, "actions": [TOPIC] * 6})
