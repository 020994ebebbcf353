"""The provider by itself: as the engine starts it, and as it makes components."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pulumi
import pytest
from pulumi.errors import InputPropertiesError, InputPropertyError
from pulumi.provider.server import ComponentInitError
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from plugin.package import COMPONENTS
from plugin.provider import Components, told
from tests.components.conftest import make_project
from tests.components.program import Run, run

PLUGIN = Path(__file__).resolve().parents[2] / "plugin"
ARN = "arn:aws:lambda:us-west-2:123456789012:layer:deps:{}"


@contextlib.contextmanager
def started(folder: Path) -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """Runs the plugin as Pulumi's language host does, with no path but its own."""
    # What lies where the program runs must not stand in for the plugin's own.
    (folder / "components.py").write_text("raise SystemExit('not mine')")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, str(PLUGIN), "127.0.0.1:1", "--logflow", "--tracing", "x"]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield provider_pb2_grpc.ResourceProviderStub(channel)
        finally:
            process.terminate()


def test_started_as_the_engine_does_it_prints_its_port_and_tells_its_schema(tmp_path: Path) -> None:
    with started(tmp_path) as stub:
        answer = stub.GetSchema(provider_pb2.GetSchemaRequest(version=0), wait_for_ready=True, timeout=60)
    assert json.loads(answer.schema) == json.loads((PLUGIN / "schema.json").read_text("utf-8"))


def test_started_by_a_person_it_says_who_starts_it() -> None:
    done = subprocess.run([sys.executable, PLUGIN], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr == (
        "error: there is no engine: `pulumi package add` starts this, as docs/components.md says; "
        "see python plugin --help\n"
    )


@pytest.fixture(scope="module", name="provider")
def components() -> Components:
    return Components()


def made(provider: Components, component: str, **given: Any) -> Run:
    """A program that makes one component, as the engine would ask for it."""
    return run(lambda: provider.construct("api", f"lamina:index:{component}", given))


def function(folder: Path, **given: Any) -> dict[str, Any]:
    make_project(folder / "project")
    settings = {"source": "app", "handler": "app.api.handler", "python": "3.12", "architecture": "x86_64"}
    return {**settings, "directory": str(folder / "project"), "bucket": "artifacts", **given}


def test_a_function_takes_five_layers_whose_sizes_are_added_up(provider: Components, tmp_path: Path) -> None:
    arns = [ARN.format(number) for number in range(5)]
    sizes = [pulumi.Output.from_input(50_000_000.0), *[50_000_000.0] * 4]
    made_of = made(provider, "PythonFunction", **function(tmp_path, layers=arns, layerSizes=sizes))
    assert made_of.one("Function").inputs["layers"] == arns


def test_a_sixth_layer_is_refused_by_the_name_of_the_function(provider: Components, tmp_path: Path) -> None:
    given = function(tmp_path, layers=[ARN.format(number) for number in range(6)])
    with pytest.raises(ComponentInitError, match="the function api has 6 layers, and Lambda takes 5"):
        made(provider, "PythonFunction", **given)


def test_layers_too_large_together_are_told_with_their_largest_packages(
    provider: Components, tmp_path: Path
) -> None:
    given = function(
        tmp_path,
        layers=[ARN.format(1), ARN.format(2)],
        layerSizes=[140_000_000.0, 140_000_000.0],
        largestPackages=["numpy 90.0 MB", "pandas 80.0 MB"],
    )
    refusal = r"has 280\.\d MB unzipped with its layers.*packages are numpy 90\.0 MB; pandas 80\.0 MB$"
    with pytest.raises(pulumi.RunError, match=refusal):
        made(provider, "PythonFunction", **given)


def test_all_that_is_wrong_with_a_component_is_told_at_once(provider: Components) -> None:
    with pytest.raises(pulumi.RunError) as raised:
        made(provider, "WorkQueue", timeout="soon", windw=1.0)
    assert str(raised.value) == (
        "WorkQueue cannot be made: there is no input windw (is it window?); "
        "the input timeout must be a whole number"
    )


@pytest.mark.parametrize("kind", ["lamina:index:Nothing", "lamina:other:WorkQueue", "aws:index:WorkQueue"])
def test_what_the_package_does_not_have_is_refused_with_what_it_has(provider: Components, kind: str) -> None:
    with pytest.raises(pulumi.RunError, match=f"no component {kind}: it has Alarms, ArtifactBucket, "):
        provider.construct("x", kind, {})
    assert len(COMPONENTS) == 10


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (pulumi.RunError("the lock is broken"), "the lock is broken"),
        (ComponentInitError(pulumi.RunError("the lock is broken")), "the lock is broken"),
        (ComponentInitError(KeyError("python")), "KeyError: 'python'"),
        (Exception("what the engine said"), "what the engine said"),
        (InputPropertyError("a", "a is wrong"), "a is wrong"),
        (
            InputPropertiesError("wrong", [{"property_path": "a", "reason": "a is wrong"}]),
            "wrong; a is wrong",
        ),
    ],
    ids=["for-people", "within", "unforeseen", "engine", "input", "inputs"],
)
def test_an_error_is_told_in_its_own_words_and_without_a_traceback(error: Exception, line: str) -> None:
    assert told(error) == line
