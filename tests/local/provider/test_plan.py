"""Planned states and their differences from the old ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.provider.check import Subject, check
from local.provider.diff import Change, compare, explicit_name
from local.provider.plan import imported_inputs, known, plan, refreshed_inputs
from local.provider.registry import RESOURCES
from local.provider.schema import (
    AutoName,
    boolean,
    document,
    documents,
    integer,
    mapping,
    output,
    string,
    string_set,
    strings,
    table,
)
from local.provider.values import UNKNOWN, State, has_unknown

SCHEMA = table(
    {
        "name": string(replaces=True, auto_name=AutoName(20)),
        "size": integer(default=3),
        "flag": boolean(default=False),
        "colour": string(),
        "kind": string(computed=True),
        "parts": strings(),
        "team": string_set(replaces=True),
        "labels": mapping(),
        "shape": document({"width": integer(required=True), "unit": string(computed=True)}),
        "rules": documents({"id": string(required=True), "days": integer()}),
        "arn": output(),
    }
)
TEXTS = st.text("ab", min_size=1, max_size=2)
INPUTS: Any = st.fixed_dictionaries(
    {"name": TEXTS},
    optional={
        "size": st.integers(0, 5),
        "flag": st.booleans(),
        "colour": TEXTS,
        "kind": TEXTS,
        "parts": st.lists(TEXTS, max_size=3),
        "team": st.lists(TEXTS, max_size=3, unique=True),
        "labels": st.dictionaries(TEXTS, TEXTS, max_size=2),
        "shape": st.fixed_dictionaries({"width": st.integers(1, 9)}, optional={"unit": TEXTS}),
        "rules": st.lists(
            st.fixed_dictionaries({"id": TEXTS}, optional={"days": st.integers(1, 3)}), max_size=2
        ),
    },
)


def made(inputs: State) -> State:
    """The outputs of a resource that AWS made as it was asked to."""
    return {**known(plan(SCHEMA, inputs, None)), "arn": "arn", "kind": inputs.get("kind", "plain")}


@given(INPUTS)
def test_same_inputs_make_no_change(inputs: State) -> None:
    state = made(inputs)
    assert compare(SCHEMA, state, plan(SCHEMA, inputs, state)).changes == {}


@given(INPUTS, INPUTS)
def test_planned_state_once_reached_makes_no_further_change(first: State, second: State) -> None:
    state = made(first)
    reached = known(plan(SCHEMA, second, state))
    assert compare(SCHEMA, reached, plan(SCHEMA, second, reached)).changes == {}


@given(INPUTS, INPUTS)
def test_only_properties_that_replace_make_a_replacement(first: State, second: State) -> None:
    found = compare(SCHEMA, made(first), plan(SCHEMA, second, made(first)))
    assert found.replaces == found.names & {"name", "team"}
    assert "arn" not in found.names


@given(INPUTS)
def test_order_of_a_set_is_no_change_and_that_of_a_list_is(inputs: State) -> None:
    both = {**inputs, "team": ["a", "b"], "parts": ["a", "b"]}
    turned = {**both, "team": ["b", "a"], "parts": ["b", "a"]}
    assert compare(SCHEMA, made(both), plan(SCHEMA, turned, made(both))).names == {"parts"}


@given(INPUTS)
def test_refreshed_inputs_without_drift_are_the_inputs(inputs: State) -> None:
    given_now = {**inputs, "__defaults": []}
    assert refreshed_inputs(given_now, made(inputs), SCHEMA) == inputs


@given(INPUTS)
def test_imported_inputs_make_no_change(inputs: State) -> None:
    state = made(inputs)
    found = imported_inputs(state, SCHEMA)
    plain = {name: value for name, value in found.items() if name != "__defaults"}
    assert compare(SCHEMA, state, plan(SCHEMA, plain, state)).changes == {}


@given(INPUTS)
def test_new_resource_has_every_output_that_nobody_gave_unknown(inputs: State) -> None:
    planned = plan(SCHEMA, inputs, None)
    assert planned["arn"] is UNKNOWN
    assert not has_unknown(known(planned))
    assert planned["flag"] is inputs.get("flag", False)


CASES: dict[str, tuple[State, State, dict[str, Change]]] = {
    "added": ({}, {"colour": "red"}, {"colour": Change.ADD}),
    "taken away": ({"colour": "red"}, {}, {"colour": Change.DELETE}),
    "computed and taken away": ({"kind": "round"}, {}, {}),
    "back to the default": ({"size": 9}, {}, {"size": Change.UPDATE}),
    "unknown": ({"colour": "red"}, {"colour": UNKNOWN}, {"colour": Change.UPDATE}),
    "empty and unset": ({"labels": {}}, {}, {}),
    "member": (
        {"labels": {"a": "1", "b": "2"}},
        {"labels": {"a": "3"}},
        {"labels.a": Change.UPDATE, "labels.b": Change.DELETE},
    ),
    "member with a dot": (
        {"labels": {"a.b": "1"}},
        {"labels": {"a.b": "2"}},
        {'labels["a.b"]': Change.UPDATE},
    ),
    "first of a list": ({"parts": ["a", "b"]}, {"parts": ["c", "b"]}, {"parts[0]": Change.UPDATE}),
    "longer list": ({"parts": ["a"]}, {"parts": ["a", "b"]}, {"parts[1]": Change.ADD}),
    "field": ({"shape": {"width": 1}}, {"shape": {"width": 2}}, {"shape.width": Change.UPDATE}),
    "within a list": (
        {"rules": [{"id": "a"}]},
        {"rules": [{"id": "a", "days": 2}]},
        {"rules[0].days": Change.ADD},
    ),
    "zero and unset": ({"colour": ""}, {}, {}),
}


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=CASES.keys())
def test_changes_are_told_path_by_path(old: State, new: State, expected: dict[str, Change]) -> None:
    state = {**made({"name": "n"}), **old}
    assert compare(SCHEMA, state, plan(SCHEMA, {"name": "n", **new}, state)).changes == expected


def test_name_counts_as_explicit_only_when_it_is_no_default() -> None:
    assert explicit_name(SCHEMA, {"name": "n", "__defaults": []})
    assert not explicit_name(SCHEMA, {"name": "n", "__defaults": ["name"]})
    assert not explicit_name(SCHEMA, {"name": "n"})


def checked(inputs: State, old: State | None = None) -> tuple[State, dict[str, str]]:
    found, failures = check(SCHEMA, Subject("aws:x:X", "thing", b"seed", "us-west-2"), inputs, old or {})
    return found, {each.path: each.reason for each in failures}


def test_defaults_that_say_nothing_stay_out_of_the_inputs() -> None:
    found, failures = checked({"shape": {"width": "4"}})
    assert failures == {}
    assert found["size"] == 3
    assert "flag" not in found
    assert found["shape"] == {"width": 4, "__defaults": []}
    assert found["region"] == "us-west-2"
    assert found["__defaults"] == ["name", "size"]


def test_made_up_name_is_kept_and_a_given_one_is_not() -> None:
    first, _ = checked({})
    assert checked({}, {**first, "name": "thing-0000000"})[0]["name"] == "thing-0000000"
    explicit, _ = checked({"name": "own"})
    assert checked({}, explicit)[0]["name"].startswith("thing-")


def test_everything_that_is_wrong_is_told_at_once() -> None:
    _, failures = checked(
        {"colour": ["red"], "size": "three", "shape": {"height": 1}, "weight": 1, "rules": [{}]}
    )
    assert set(failures) == {"colour", "size", "shape.height", "shape.width", "weight", "rules[0].id"}
    assert failures["size"] == "size must be a whole number, not a string"
    assert "Missing required argument" in failures["shape.width"]
    assert "not known to the stand-in" in failures["weight"]


REPLACING = {
    "aws:s3/bucket:Bucket": {"bucket", "objectLockEnabled"},
    "aws:s3/bucketObjectv2:BucketObjectv2": {"bucket", "key"},
    "aws:iam/role:Role": {"name", "path"},
    "aws:iam/rolePolicy:RolePolicy": {"role", "name"},
    "aws:cloudwatch/logGroup:LogGroup": {"name", "logGroupClass"},
    "aws:cloudwatch/eventRule:EventRule": {"name", "eventBusName"},
    "aws:cloudwatch/eventTarget:EventTarget": {"rule", "eventBusName", "targetId"},
    "aws:lambda/function:Function": {"name", "packageType"},
    "aws:lambda/alias:Alias": {"functionName", "name"},
    "aws:lambda/invocation:Invocation": {"functionName", "qualifier", "triggers"},
    "aws:lambda/eventSourceMapping:EventSourceMapping": {"eventSourceArn", "startingPosition"},
    "aws:sqs/queue:Queue": {"name", "fifoQueue"},
    "aws:apigatewayv2/api:Api": {"protocolType"},
    "aws:apigatewayv2/integration:Integration": {"apiId", "integrationSubtype", "integrationType"},
    "aws:apigatewayv2/route:Route": {"apiId"},
    "aws:apigatewayv2/stage:Stage": {"apiId", "name"},
}


@pytest.mark.parametrize("type_name", sorted(REPLACING))
def test_inputs_that_replace_are_those_of_the_real_provider(type_name: str) -> None:
    found = {name for name, each in RESOURCES[type_name].schema.inputs.items() if each.replaces}
    assert found - {"region"} == REPLACING[type_name]
