"""CloudWatch's metric alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from typing_extensions import override

from .aws import Aws, gone
from .check import Failure
from .resource import Resource
from .schema import AutoName, boolean, integer, mapping, number, output, string, string_set, table
from .tags import retag_resource, tag_set
from .values import State

# Pulumi's name of each property that AWS takes and gives as it is, and AWS's own.
_PLAIN = {
    "actionsEnabled": "ActionsEnabled",
    "alarmActions": "AlarmActions",
    "alarmDescription": "AlarmDescription",
    "comparisonOperator": "ComparisonOperator",
    "datapointsToAlarm": "DatapointsToAlarm",
    "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
    "evaluationPeriods": "EvaluationPeriods",
    "extendedStatistic": "ExtendedStatistic",
    "insufficientDataActions": "InsufficientDataActions",
    "metricName": "MetricName",
    "name": "AlarmName",
    "namespace": "Namespace",
    "okActions": "OKActions",
    "period": "Period",
    "statistic": "Statistic",
    "threshold": "Threshold",
    "treatMissingData": "TreatMissingData",
    "unit": "Unit",
}
_MISSING = "missing"
_SHORT_PERIODS = (10, 20, 30)


class MetricAlarm(Resource):
    """`aws:cloudwatch/metricAlarm:MetricAlarm`, of a single metric."""

    type_name = "aws:cloudwatch/metricAlarm:MetricAlarm"
    schema = table(
        {
            "actionsEnabled": boolean(default=True),
            "alarmActions": string_set(),
            "alarmDescription": string(),
            "comparisonOperator": string(),
            "datapointsToAlarm": integer(),
            "dimensions": mapping(),
            "evaluateLowSampleCountPercentiles": string(computed=True),
            "evaluationPeriods": integer(),
            "extendedStatistic": string(),
            "insufficientDataActions": string_set(),
            "metricName": string(),
            "name": string(computed=True, replaces=True, auto_name=AutoName(255)),
            "namespace": string(),
            "okActions": string_set(),
            "period": integer(),
            "statistic": string(),
            "threshold": number(),
            "treatMissingData": string(default=_MISSING),
            "unit": string(),
            "arn": output(),
        },
        tags=True,
        refused=(
            "evaluationCriteria", "evaluationInterval", "evaluationWindow", "metricQueries",
            "thresholdMetricId", "warmUpConfiguration",
        ),
    )  # fmt: skip

    @override
    def validate(self, inputs: Mapping[str, Any]) -> Iterator[Failure]:
        for name in ("metricName", "comparisonOperator", "evaluationPeriods"):
            if name not in inputs:
                yield Failure(name, f"`{name}` must be specified for an alarm on a metric")
        if ("statistic" in inputs) == ("extendedStatistic" in inputs):
            yield Failure(
                "statistic",
                "One of `statistic` or `extended_statistic` must be set for a cloudwatch metric alarm",
            )
        period = inputs.get("period")
        if isinstance(period, int) and period not in _SHORT_PERIODS and period % 60:
            yield Failure("period", f"expected period to be one of {[*_SHORT_PERIODS]} or divisible by 60")

    @override
    def create(self, aws: Aws, new: State) -> str:
        self._put(aws, new, f"creating CloudWatch Metric Alarm ({new['name']})", tags=True)
        return str(new["name"])

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        client = aws.client("cloudwatch", state)
        with aws.doing(f"reading CloudWatch Metric Alarm ({identity})"):
            found = client.describe_alarms(AlarmNames=[identity], AlarmTypes=["MetricAlarm"])["MetricAlarms"]
            if not found:
                return None
            alarm = found[0]
            tags = client.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        return {
            **{ours: alarm.get(theirs) for ours, theirs in _PLAIN.items()},
            "arn": alarm["AlarmArn"],
            "dimensions": {each["Name"]: each["Value"] for each in alarm.get("Dimensions", ())},
            "treatMissingData": alarm.get("TreatMissingData", _MISSING),
            **aws.tag_state({each["Key"]: each["Value"] for each in tags}),
        }

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        self._put(aws, new, f"updating CloudWatch Metric Alarm ({identity})", tags=False)

    @override
    def retag(
        self, aws: Aws, identity: str, state: State, new: Mapping[str, str], removed: list[str]
    ) -> None:
        retag_resource(aws.client("cloudwatch", state), {"ResourceARN": state["arn"]}, tag_set(new), removed)

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        client = aws.client("cloudwatch", state)
        with aws.doing(f"deleting CloudWatch Metric Alarm ({identity})"), gone("ResourceNotFound"):
            client.delete_alarms(AlarmNames=[identity])

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        return identity, {"name": identity}

    def _put(self, aws: Aws, new: State, what: str, *, tags: bool) -> None:
        request = {theirs: new.get(ours) for ours, theirs in _PLAIN.items()}
        request["Dimensions"] = [
            {"Name": name, "Value": value} for name, value in sorted((new.get("dimensions") or {}).items())
        ]
        # Tags that come with a later call are not taken: they are set apart.
        request["Tags"] = tag_set(new.get("tagsAll") or {}) if tags else None
        given = {
            name: value for name, value in request.items() if value is not None and value not in ([], "")
        }
        with aws.doing(what):
            aws.client("cloudwatch", new).put_metric_alarm(**given)
