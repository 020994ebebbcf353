"""The program in Pulumi YAML: true to the package's schema, and deployed through the package's provider."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.runtime.deployment import HOST_ARCHITECTURE, HOST_RUNTIME
from tests.world.processes import ROOT
from tests.world.world import World, within

from .conftest import EXAMPLES, put

PROGRAM: dict[str, Any] = yaml.safe_load((EXAMPLES / "yaml/Pulumi.yaml").read_text("utf-8"))
SCHEMA: dict[str, Any] = json.loads((ROOT / "plugin/schema.json").read_text("utf-8"))
RESOURCES: dict[str, Any] = PROGRAM["resources"]
KINDS = {str: "string", bool: "boolean", int: "integer", list: "array", dict: "object"}


def faults(value: Any, wanted: dict[str, Any], path: str) -> Iterator[str]:
    """How a value of the program differs from what the schema wants; references may be anything."""
    if isinstance(value, str) and value.startswith("${"):
        return
    if "$ref" in wanted:
        named = SCHEMA["types"][wanted["$ref"].removeprefix("#/types/")]
        yield from unlike(value, named["properties"], named.get("required", []), path)
    elif isinstance(value, dict) and "fn::toJSON" in value:
        yield from [] if wanted["type"] == "string" else [f"{path} is a text"]
    elif KINDS[type(value)] != wanted["type"]:
        yield f"{path} is no {wanted['type']}"
    elif isinstance(value, list):
        for each in value:
            yield from faults(each, wanted["items"], f"{path}[]")
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from faults(each, wanted["additionalProperties"], f"{path}.{name}")


def unlike(
    given: dict[str, Any], properties: dict[str, Any], required: list[str], path: str
) -> Iterator[str]:
    yield from (f"{path}.{name} is missing" for name in set(required) - set(given))
    for name, value in given.items():
        if name in properties:
            yield from faults(value, properties[name], f"{path}.{name}")
        else:
            yield f"{path}.{name} is not in the schema"


@pytest.mark.parametrize("name", RESOURCES)
def test_every_resource_is_as_the_schema_has_it(name: str) -> None:
    component = SCHEMA["resources"][RESOURCES[name]["type"]]
    inputs, required = component["inputProperties"], component["requiredInputs"]
    assert list(unlike(RESOURCES[name]["properties"], inputs, required, name)) == []


def test_every_reference_is_to_an_output_that_there_is() -> None:
    for reference in re.findall(r"\$\{([^}]+)\}", json.dumps([RESOURCES, PROGRAM["outputs"]])):
        first, *names = reference.split(".")
        if first in RESOURCES:
            assert names[0] in SCHEMA["resources"][RESOURCES[first]["type"]]["properties"], reference
        else:
            assert reference == "pulumi.cwd" or first in PROGRAM["variables"], reference


def test_the_example_uses_every_component() -> None:
    assert {each["type"] for each in RESOURCES.values()} == set(SCHEMA["resources"])


@pytest.fixture(scope="module", name="world")
def deployed(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[World]:
    """The example in a world, run by the program beside this file, for want of a language host for YAML."""
    with within(tmp_path_factory.mktemp("world") / "w", cache) as world:
        put("yaml", world)
        # The functions run here.
        host = {"python": HOST_RUNTIME.removeprefix("python"), "architecture": HOST_ARCHITECTURE}
        (world.project / "program.yaml").write_text(
            yaml.safe_dump({**PROGRAM, "variables": host}, sort_keys=False)
        )
        about = {"name": PROGRAM["name"], "runtime": "python", "packages": {"lamina": str(ROOT / "plugin")}}
        (world.project / "Pulumi.yaml").write_text(yaml.safe_dump(about))
        (world.project / "__main__.py").write_text("from tests.examples.yaml_program import main\n\nmain()\n")
        world.set()
        world.up()
        yield world


def resources(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(world.told("export"))["deployment"]["resources"]
    return found


def test_each_component_is_made_by_the_package_in_a_process_of_its_own(world: World) -> None:
    made = {each["urn"].split("::")[-1]: each for each in resources(world) if not each["custom"]}
    for name, resource in RESOURCES.items():
        assert made[name]["type"] == resource["type"]
        assert set(made[name]["outputs"]) <= set(SCHEMA["resources"][resource["type"]]["properties"])


def test_the_package_is_a_provider_of_the_state(world: World) -> None:
    (own,) = [each for each in resources(world) if each["type"] == "pulumi:providers:lamina"]
    assert own["urn"].endswith("::default")


def test_what_goes_live_is_what_was_tested_and_is_in_the_ledger(world: World) -> None:
    outputs = json.loads(world.told("output", "--json"))
    assert outputs["versions"] == {"api": "1", "worker": "1"}
    live = world.client("lambda").get_alias(FunctionName="lamina-yaml-world-api", Name="live")
    assert live["FunctionVersion"] == "1"
    inputs = {each["urn"].split("::")[-1]: each.get("inputs", {}) for each in resources(world)}
    assert inputs["release-api-smoke"]["qualifier"] == "1"
    assert inputs["release-api-entry"]["key"] == "releases/api/1.json"


def test_running_it_again_changes_nothing(world: World) -> None:
    world.calls()
    assert " unchanged" in world.up()
    assert world.writing_calls() == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("lock: requirements.txt", "lock: nosuch.txt", "cannot read the lock {}/nosuch.txt: No such file"),
        (
            "timeout: 60",
            "timeout: soon",
            "WorkQueue cannot be made: the input timeout must be a whole number",
        ),
        (
            "lock: req",
            "lok: req",
            "cannot be made: there is no input lok (is it lock?); the input lock is missing",
        ),
        ("handler: jobs.api.handler", "handler: ${queue.url}", "the input handler must be a plain value"),
    ],
    ids=["missing-lock", "wrong-value", "unknown-input", "output-for-a-plain-value"],
)
def test_a_mistake_is_told_in_one_line(world: World, old: str, new: str, told: str) -> None:
    path = world.project / "program.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1))
    try:
        shown = world.told("preview", code=1)
    finally:
        path.write_text(text)
    (line,) = [each for each in shown.splitlines() if "error:" in each]
    assert told.format(world.project) in line
    assert "Traceback" not in shown
