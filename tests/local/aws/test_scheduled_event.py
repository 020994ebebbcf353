from __future__ import annotations

import json
from typing import Any

import pytest

from local.aws.scheduled_event import InputError, input_of, scheduled_event

RULE = "arn:aws:events:us-west-2:123456789012:rule/nightly"
EVENT = scheduled_event(rule_arn=RULE, identity="id-1", time="2026-11-23T11:02:17Z")


def test_the_event_has_the_form_of_the_documentation() -> None:
    assert json.loads(input_of({}, EVENT)) == {
        "version": "0",
        "id": "id-1",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-11-23T11:02:17Z",
        "region": "us-west-2",
        "resources": [RULE],
        "detail": {},
    }


@pytest.mark.parametrize(
    ("target", "made"),
    [
        ({"Input": '{"days": 3}'}, {"days": 3}),
        ({"Input": '"text"'}, "text"),
        ({"InputPath": "$.resources[0]"}, RULE),
        ({"InputPath": "$"}, EVENT),
        ({"InputPath": "$.detail.missing"}, None),
    ],
    ids=["object", "text", "item", "whole", "missing"],
)
def test_a_target_can_get_a_constant_or_a_part_of_the_event(target: dict[str, Any], made: Any) -> None:
    assert json.loads(input_of(target, EVENT)) == made


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ('{"at": <time>, "where": "in <region>"}', {"at": EVENT["time"], "where": "in us-west-2"}),
        ('{"all": <resources>, "told": "<resources>"}', {"all": [RULE], "told": f'["{RULE}"]'}),
        ('"a \\"<region>\\" <time>"', f'a "us-west-2" {EVENT["time"]}'),
        ('{"rule": "<aws.events.rule-name>"}', {"rule": "nightly"}),
        ("[<aws.events.rule-arn>, <aws.events.event.ingestion-time>]", [RULE, EVENT["time"]]),
        ("<aws.events.event.json>", EVENT),
        ('"<unknown> stays"', "<unknown> stays"),
    ],
    ids=["bare and quoted", "list", "escaped quotes", "rule", "predefined", "event", "unknown"],
)
def test_a_template_is_filled_from_the_event(template: str, made: Any) -> None:
    paths = {"time": "$.time", "region": "$.region", "resources": "$.resources"}
    transformer = {"InputPathsMap": paths, "InputTemplate": template}
    assert json.loads(input_of({"InputTransformer": transformer}, EVENT)) == made


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({"Input": "days: 3"}, "its input is no JSON"),
        ({"InputPath": "$.["}, "is no JSON path"),
        ({"InputTransformer": {"InputTemplate": '{"a": <b>}'}}, "its input is no JSON"),
    ],
    ids=["constant", "path", "template"],
)
def test_an_input_that_cannot_be_made_is_told(target: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        input_of(target, EVENT)
