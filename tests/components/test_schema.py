"""The components' schema, as Pulumi infers it for programs in other languages."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer, PropertyDefinition
from pulumi.provider.experimental.component import ComponentProvider

from components.alarms import Alarms
from components.bucket import ArtifactBucket, PrivateBucket
from components.function import PythonFunction
from components.http_api import HttpApi
from components.layer import LambdaLayer
from components.queue_worker import QueueWorker
from components.release import Release
from components.schedule import Schedule
from components.work_queue import WorkQueue

from .program import run

COMPONENTS: list[type[pulumi.ComponentResource]] = [
    Alarms,
    ArtifactBucket,
    HttpApi,
    LambdaLayer,
    PrivateBucket,
    PythonFunction,
    QueueWorker,
    Release,
    Schedule,
    WorkQueue,
]


@pytest.fixture(scope="module", name="schema")
def inferred() -> dict[str, dict[str, PropertyDefinition]]:
    result = Analyzer("lamina").analyze(COMPONENTS)
    found = {name: {**each.inputs, **each.outputs} for name, each in result["component_definitions"].items()}
    return found | {name: each.properties for name, each in result["type_definitions"].items()}


def test_pulumi_infers_a_schema_of_every_component(schema: dict[str, dict[str, PropertyDefinition]]) -> None:
    assert {each.__name__ for each in COMPONENTS} <= set(schema)


def test_every_argument_and_output_says_what_it_is(schema: dict[str, dict[str, PropertyDefinition]]) -> None:
    mute = [
        f"{name}.{key}"
        for name, properties in schema.items()
        for key, each in properties.items()
        if not each.description
    ]
    assert mute == []


def test_no_argument_is_a_resource_or_of_any_type(schema: dict[str, dict[str, PropertyDefinition]]) -> None:
    def references(each: PropertyDefinition | None) -> Iterator[str]:
        if each is not None:
            yield from [each.ref] if each.ref else []
            yield from references(each.items)
            yield from references(each.additional_properties)

    found = {ref for each in schema.values() for value in each.values() for ref in references(value)}
    types = ("AlarmedFunctionArgs", "AlarmedQueueArgs", "ReleasedFunctionArgs")
    assert found == {f"#/types/lamina:index:{name}" for name in types}


def test_what_is_known_late_need_not_be_plain(schema: dict[str, dict[str, PropertyDefinition]]) -> None:
    assert schema["PythonFunction"]["bucket"].plain is None
    assert schema["PythonFunction"]["handler"].plain is True
    assert schema["ReleasedFunctionArgs"]["version"].plain is None


def test_a_component_is_made_from_what_a_provider_hands_over() -> None:
    provider = ComponentProvider([*COMPONENTS], "lamina")
    arn = "arn:aws:sqs:us-west-2:123456789012:jobs"

    def program() -> None:
        provider.construct("jobs", "lamina:index:WorkQueue", {"timeout": 60.0, "maxReceiveCount": 3.0})
        alias = "arn:aws:lambda:us-west-2:123456789012:function:worker:live"
        late = {"queueArn": pulumi.Output.from_input(arn), "aliasArn": alias, "roleName": "r"}
        provider.construct("jobs", "lamina:index:QueueWorker", {**late, "batchSize": 5.0})

    found = run(program)
    assert found.one("Queue", "jobs").inputs["visibilityTimeoutSeconds"] == 360
    assert '"maxReceiveCount": 3}' in found.one("Queue", "jobs").inputs["redrivePolicy"]
    assert found.one("EventSourceMapping").inputs["batchSize"] == 5
