"""The stack that `__main__.py` composes."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest
import yaml
from pulumi.output import Unknown

from build.verify.runtimes import MODULES
from components.settings import REQUIRE

from .program import Run
from .whole import ROOT, stack

FUNCTIONS = ("api", "worker", "cleanup")


@pytest.mark.usefixtures("project")
def test_the_outputs_name_layer_url_bucket_and_versions() -> None:
    found = stack()
    assert found.outputs == {
        "lambda_layer_arn": "arn:aws:lambda:us-west-2:123456789012:layer:lamina-staging-deps:7",
        "lambda_layer_version": "7",
        "lambda_layer_digest": found.one("LambdaLayer").inputs["digest"],
        "api_url": "https://abc.example",
        "artifacts_bucket": "artifacts-1234567",
        "function_versions": {"api": "3", "worker": "3", "cleanup": "3"},
    }


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_every_runtime_follows_the_stack_file(python: str) -> None:
    found = stack({"lamina:python": python})
    assert [each.inputs["runtime"] for each in found.all("Function")] == [f"python{python}"] * 3
    assert found.one("LayerVersion").inputs["compatibleRuntimes"] == [f"python{python}"]
    manifest = Path(".lamina") / f"deps-{found.outputs['lambda_layer_digest']}.json"
    tag = f"cp{python.replace('.', '')}"
    assert f"native-2.0-{tag}-{tag}-manylinux_2_17_x86_64.whl" in manifest.read_text()


def test_the_python_version_stands_in_the_stack_file_alone() -> None:
    config = yaml.safe_load((ROOT / "Pulumi.staging.yaml").read_text())["config"]
    assert config == {"aws:region": "us-west-2", "lamina:python": "3.12"}
    for path in [ROOT / "__main__.py", *(ROOT / "components").glob("*.py")]:
        nodes = list(ast.walk(ast.parse(path.read_text())))
        documentation = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        texts = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in documentation]
        assert not [text.value for text in texts if re.search(r"3\.\d\d", str(text.value))], path


@pytest.mark.usefixtures("project")
def test_every_function_runs_on_the_layer_that_the_stack_publishes() -> None:
    found = stack()
    assert len(found.all("Function")) == 3
    for function in found.all("Function"):
        assert function.inputs["layers"] == [found.outputs["lambda_layer_arn"]]
        assert function.inputs["handler"] == f"app.{function.name}.handler"


@pytest.mark.usefixtures("project")
def test_functions_find_the_bucket_the_queue_and_their_attempt() -> None:
    found = stack({"lamina:attempt": "4"})
    variables = {each.name: each.inputs["environment"]["variables"] for each in found.all("Function")}
    common = {"LAMINA_BUCKET": "pictures-1234567", "LAMINA_ATTEMPT": "4"}
    assert variables == {
        "api": {**common, "LAMINA_QUEUE_URL": "https://sqs.example/thumbnails-1234567"},
        "worker": common,
        "cleanup": {**common, "LAMINA_THUMBNAIL_DAYS": "30"},
    }


@pytest.mark.usefixtures("project")
def test_api_queue_and_schedule_only_know_live() -> None:
    found = stack()
    live = {each.inputs["functionName"]: each for each in found.all("Alias")}
    assert found.one("EventSourceMapping").inputs["functionName"].endswith("lamina-staging-worker:live")
    assert found.one("EventTarget").inputs["arn"].endswith("lamina-staging-cleanup:live")
    assert "lamina-staging-api:live" in found.one("Integration").inputs["integrationUri"]
    for caller in (found.one("EventSourceMapping"), found.one("EventTarget"), found.one("Integration")):
        assert any(found.waits_for(caller, alias) for alias in live.values())


@pytest.mark.usefixtures("project")
def test_a_pin_of_the_stack_file_holds_one_alias() -> None:
    found = stack({"lamina:pin.api": "2"})
    assert found.outputs["function_versions"] == {"api": "2", "worker": "3", "cleanup": "3"}


@pytest.mark.usefixtures("project")
def test_the_layers_settings_reach_it() -> None:
    options = {"lamina:slim": "true", "lamina:exclude": '["native", "/plain.py"]', "lamina:verify": "false"}
    found = stack({**options, "lamina:require": '["native"]'}, preview=True).one("LambdaLayer").inputs
    assert found["options"] == {"exclude": ["/plain.py", "native"], "slim": True}
    assert found["packages"] == {"plain": "1.0"}
    assert found["digest"] != stack(preview=True).one("LambdaLayer").inputs["digest"]


@pytest.mark.usefixtures("project")
def test_a_layer_without_what_the_handlers_import_fails_the_preview(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(pulumi.RunError, match=f"the layer deps .* verification found {len(REQUIRE)} errors"):
        stack({"lamina:require": json.dumps(REQUIRE)}, preview=True)
    assert all(f"there is no module {name} in the layer" in caplog.text for name in REQUIRE)


def test_what_must_be_importable_is_what_the_handlers_import_and_the_runtime_lacks() -> None:
    imported = {name for path in (ROOT / "app").glob("*.py") for name in imports(ast.parse(path.read_text()))}
    assert {name.partition(".")[0] for name in REQUIRE} == imported - sys.stdlib_module_names - MODULES


def imports(node: ast.AST) -> Iterator[str]:
    """The top-level names that running this imports."""
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return
        case ast.Import():
            yield from (each.name.partition(".")[0] for each in node.names)
        case ast.ImportFrom(module=str(module), level=0):
            yield module.partition(".")[0]
    for child in ast.iter_child_nodes(node):
        yield from imports(child)


@pytest.mark.usefixtures("project")
def test_both_buckets_are_private_and_only_artifacts_go_with_the_stack() -> None:
    found = stack()
    assert len(found.all("BucketPublicAccessBlock")) == len(found.all("BucketPolicy")) == 2
    flags = {each.name: each.inputs["forceDestroy"] for each in found.all("Bucket")}
    assert flags == {"artifacts": True, "pictures": False}


@pytest.mark.usefixtures("project")
def test_every_function_and_the_queue_have_alarms_that_tell_the_stacks_topics() -> None:
    topic = "arn:aws:sns:us-west-2:123456789012:on-call"
    alarms = stack({"lamina:alarm_actions": json.dumps([topic])}).all("MetricAlarm")
    watched = {f"{name}-{what}" for name in FUNCTIONS for what in ("errors", "throttles", "duration")}
    watched |= {"thumbnails-age", "thumbnails-dead"}
    assert {each.inputs["name"] for each in alarms} == {f"lamina-staging-{name}" for name in watched}
    assert all(each.inputs["alarmActions"] == [topic] for each in alarms)


@pytest.mark.usefixtures("project")
def test_a_second_run_registers_the_same() -> None:
    def facts(found: Run) -> dict[str, str]:
        return {each.urn: str(sorted(each.inputs)) + str(each.inputs.get("key")) for each in found.resources}

    assert facts(stack()) == facts(stack())


@pytest.mark.usefixtures("project")
def test_nothing_stands_outside_a_component() -> None:
    found = stack()
    components = {each.urn for each in found.resources if each.type.startswith("lamina:index:")}
    assert all(each.parent in components for each in found.resources if each.type.startswith("aws:"))


@pytest.mark.usefixtures("project")
def test_a_preview_of_a_new_stack_works_with_all_that_is_unknown() -> None:
    found = stack(preview=True)
    assert len(found.all("Alias")) == 3
    smoke = found.one("Invocation", "release-api-smoke").inputs["triggers"]
    assert isinstance(smoke["version"], Unknown)
    assert smoke["layer"] == found.one("LambdaLayer").inputs["digest"]


@pytest.mark.usefixtures("project")
def test_a_wrong_stack_file_is_one_line_of_the_run() -> None:
    with pytest.raises(pulumi.RunError, match=r"lamina:python is '3\.1'.*lamina:attempt is 'x'"):
        stack({"lamina:python": "3.1", "lamina:attempt": "x"})


def test_state_is_refreshed_before_every_run() -> None:
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    assert project["options"] == {"refresh": "always"}
    assert (project["name"], project["runtime"]["name"]) == ("lamina", "python")
