"""One scenario for each kind of operation and of fault; `make chaos` has them all."""

from __future__ import annotations

import json
import os

import psutil
import pytest

from tests.world.picture import picture

from .chamber import Chamber, Outcome
from .scenario import EVERY, FAULTS, SAVE, SURVIVED, Call, Scenario, in_order, scenarios
from .table import table

SAMPLE = {
    Scenario("s3:PutObject", 2, "delayed"): "survived",
    Scenario("lambda:PublishLayerVersion", 1, "reply lost"): "survived, a second layer version (gc)",
    Scenario("lambda:UpdateFunctionConfiguration", 2, "throttled"): "survived",
    Scenario("lambda:UpdateFunctionCode", 1, "outage"): "recovered",
    Scenario("lambda:PublishVersion", 1, "refused"): "recovered, told of lamina:attempt",
    Scenario("lambda:Invoke", 2, "provider killed"): "recovered, told of a pending create",
    Scenario("lambda:UpdateAlias", 1, "interrupted"): "recovered",
    Scenario("s3:DeleteObject", 1, "dropped"): "survived",
    Scenario("lambda:GetFunction", 3, "5xx"): "survived",
    Scenario("sqs:GetQueueAttributes", 1, "refused", refreshing=True): "nothing changed",
    Scenario(SAVE, 9, "engine killed"): "recovered",
    Scenario("lambda:UpdateAlias", 2, "AWS died"): "told, deployed anew",
}


@pytest.mark.parametrize("scenario", SAMPLE, ids=str)
def test_a_release_that_breaks_breaks_nothing_that_is_live(deployed: Chamber, scenario: Scenario) -> None:
    outcome = deployed.run(scenario)
    assert outcome.problems == ()
    assert outcome.result.startswith(SAMPLE[scenario])


def test_a_layer_that_lacks_a_module_is_not_published_without_a_preview_either(deployed: Chamber) -> None:
    deployed.world.write(layer="c", broken=True)
    deployed.world.calls()
    assert "tiny.core" in deployed.world.up(code=1)
    assert deployed.world.writing_calls() == []
    deployed.world.write(layer=deployed.content)


def test_a_destroy_leaves_no_thing_but_layers_and_the_end_of_a_world_no_process(deployed: Chamber) -> None:
    world = deployed.world
    answer = world.client("lambda").invoke(FunctionName="lamina-world-api", Qualifier="live")
    content = deployed.content
    assert json.loads(answer["Payload"].read()) == {"function": "api", "layer": content, "code": content}
    world.told("destroy")
    assert {key.partition(" ")[0] for key in picture(world)} == {"layer"}
    processes = [each for each in psutil.Process().children(recursive=True) if each.ppid() != os.getpid()]
    assert len(processes) >= 2
    world.stop_aws()
    psutil.wait_procs(processes, timeout=10)
    assert not [each for each in processes if each.is_running()]


def test_the_sample_has_every_fault() -> None:
    assert {each.fault for each in SAMPLE} == set(FAULTS)


def test_every_writing_call_meets_every_fault_and_every_reading_one_a_refusal() -> None:
    recorded = [
        {"service": "s3", "operation": "PutObject", "writes": True},
        {"service": "s3", "operation": "HeadObject", "writes": False},
        {"service": "s3", "operation": "PutObject", "writes": True},
    ]
    every = scenarios([Call("iam:GetRole", 1, writes=False)], in_order(recorded), saves=2)
    written = {(each.nth, each.fault) for each in every if each.operation == "s3:PutObject"}
    assert written == {(nth, fault) for nth in (1, 2) for fault in FAULTS}
    assert {each.fault for each in every if each.operation == EVERY} == SURVIVED
    others = {str(each) for each in every if each.operation not in {"s3:PutObject", EVERY}}
    assert others == {
        "s3:HeadObject#1 refused",
        "iam:GetRole#1 refused",
        f"{SAVE}#1 engine killed",
        f"{SAVE}#2 engine killed",
    }


def test_the_table_counts_outcomes_and_shows_what_is_bad() -> None:
    fine = Outcome(Scenario("s3:PutObject", 1, "refused"), "recovered")
    bad = Outcome(Scenario("s3:PutObject", 2, "refused"), "stuck", ("live is untested",))
    assert table([fine, bad]).splitlines() == [
        "operation     fault    scenarios  outcome",
        "s3:PutObject  refused  2          1 BAD; 1 recovered",
        "BAD s3:PutObject#2 refused: stuck",
        "    live is untested",
        "2 scenarios: 1 recovered, 1 BAD",
    ]
