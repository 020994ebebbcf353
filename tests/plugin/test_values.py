"""Inputs as they come over the wire: what is wrong with them, and what a component gets of them."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

from components.alarms import Alarms
from components.function import PythonFunction
from components.work_queue import WorkQueue
from plugin.values import faults, in_python

ANALYZED = Analyzer("lamina").analyze([Alarms, PythonFunction, WorkQueue])
TYPES = ANALYZED["type_definitions"]
WATCHED = {"functionName": "f", "timeout": 30.0}


def found(component: str, **given: Any) -> list[str]:
    return list(faults(given, ANALYZED["component_definitions"][component].inputs, TYPES))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "the input timeout is missing"),
        ({"timeout": "soon"}, "the input timeout must be a whole number"),
        ({"timeout": True}, "the input timeout must be a whole number"),
        ({"timeout": 1.5}, "the input timeout must be a whole number"),
        ({"timeout": 1.0, "windw": 3}, "there is no input windw (is it window?)"),
        ({"timeout": 1.0, "colour": 3}, "there is no input colour"),
        (
            {"timeout": 1.0, "max_receive_count": 3},
            "there is no input max_receive_count (is it maxReceiveCount?)",
        ),
    ],
    ids=["missing", "text", "boolean", "fraction", "misspelt", "unknown", "python"],
)
def test_an_input_that_is_wrong_is_named(given: dict[str, Any], told: str) -> None:
    assert found("WorkQueue", **given) == [told]


def test_what_is_wrong_deep_within_has_its_whole_path() -> None:
    assert found("Alarms", functions={"api": {"timeout": "x"}, "b": 3}, queues={}, actions=["a", 1.0]) == [
        "the input actions[1] must be a text",
        "the input functions.api.functionName is missing",
        "the input functions.api.timeout must be a whole number",
        "the input functions.b must be a mapping",
    ]


def test_no_value_is_told_as_it_may_be_secret() -> None:
    told = found("Alarms", functions={}, queues={"hush": {"queueArn": 7.0, "deadLetterArn": ["hush-hush"]}})
    assert len(told) == 2
    assert "hush-hush" not in "".join(told)


@pytest.mark.usefixtures("own_event_loop")
def test_what_decides_what_is_made_can_be_no_output() -> None:
    late = pulumi.Output.from_input("app.handler")
    told = found("PythonFunction", handler=late, bucket=late, layers=[late])
    assert "the input handler must be a plain value: it decides what is made, so no output will do" in told
    assert not [each for each in told if "bucket" in each or "layers" in each]


@pytest.mark.usefixtures("own_event_loop")
def test_inputs_get_the_names_and_numbers_of_python() -> None:
    component, late = ANALYZED["component_definitions"]["Alarms"], pulumi.Output.from_input(3.0)
    given = {"functions": {"myApi": {**WATCHED, "canary": late}}, "queues": {}, "actions": None}
    assert list(faults(given, component.inputs, TYPES)) == []
    assert in_python(given, component.inputs, component.inputs_mapping, TYPES) == {
        "functions": {"myApi": {"function_name": "f", "timeout": 30, "canary": late}},
        "queues": {},
    }
