"""Metric alarms."""

from __future__ import annotations

from typing import Any

import pytest

from .engine import CheckError, Engine, kinds

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
TOPIC = "arn:aws:sns:us-west-2:123456789012:on-call"
ERRORS = {
    "namespace": "AWS/Lambda",
    "metricName": "Errors",
    "dimensions": {"FunctionName": "api", "Resource": "api:live"},
    "statistic": "Sum",
    "period": 60,
    "evaluationPeriods": 5,
    "datapointsToAlarm": 1,
    "threshold": 1,
    "comparisonOperator": "GreaterThanOrEqualToThreshold",
    "treatMissingData": "notBreaching",
    "alarmActions": [TOPIC],
    "tags": {"team": "one"},
}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in ERRORS.items() if name not in names}


def test_an_alarm_lives_from_its_creation_to_its_end(engine: Engine, aws: Any) -> None:
    made = engine.create(ALARM, "errors", ERRORS)
    assert made.identity == made.outputs["name"]
    assert made.identity.startswith("errors-")
    assert made.outputs["arn"] == f"arn:aws:cloudwatch:us-west-2:123456789012:alarm:{made.identity}"
    assert made.inputs["__defaults"] == ["actionsEnabled", "name"]
    fresh = engine.refresh(made)
    assert fresh is not None
    assert kinds(engine.diff(fresh, ERRORS)) == {}
    changed = engine.update(fresh, {**ERRORS, "threshold": 2.5, "tags": {"team": "two"}})
    assert (changed.outputs["threshold"], changed.outputs["tags"]) == (2.5, {"team": "two"})
    engine.delete(changed)
    assert aws("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert engine.refresh(changed) is None
    engine.delete(changed)


def test_an_alarm_that_was_silenced_from_outside_is_told(engine: Engine, aws: Any) -> None:
    inputs = {**ERRORS, "actionsEnabled": True}
    made = engine.create(ALARM, "errors", inputs)
    aws("cloudwatch").disable_alarm_actions(AlarmNames=[made.identity])
    fresh = engine.refresh(made)
    assert fresh is not None
    assert kinds(engine.diff(fresh, inputs)) == {"actionsEnabled": "UPDATE"}
    engine.delete(made)


def test_an_alarm_is_imported_by_its_name(engine: Engine) -> None:
    inputs = {**without("statistic"), "extendedStatistic": "p99", "name": "slow"}
    made = engine.create(ALARM, "slow", inputs)
    adopted = engine.adopt(ALARM, "slow", "slow")
    assert adopted is not None
    assert {**adopted.inputs, "__defaults": None} == {
        **inputs,
        "region": "us-west-2",
        "tagsAll": {"team": "one"},
        "__defaults": None,
    }
    assert engine.diff(made, {**inputs, "name": "slower"}).deleteBeforeReplace
    engine.delete(made)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (without("metricName"), "`metricName` must be specified"),
        (without("statistic"), "One of `statistic` or `extended_statistic`"),
        ({**ERRORS, "extendedStatistic": "p99"}, "One of `statistic` or `extended_statistic`"),
        ({**ERRORS, "period": 45}, "expected period to be one of"),
        ({**ERRORS, "threshold": True}, "threshold must be a number, not a boolean"),
        ({**ERRORS, "metricQueries": []}, "metricQueries is not known to the stand-in"),
    ],
    ids=["no metric", "no statistic", "two statistics", "odd period", "threshold", "metric math"],
)
def test_what_the_real_provider_or_this_one_does_not_take_is_refused(
    engine: Engine, inputs: dict[str, Any], said: str
) -> None:
    with pytest.raises(CheckError, match=said):
        engine.check(ALARM, "errors", inputs)
