"""Builds of a program: at the same time, sharing what they fetch, and each that fails is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Event

import pulumi
import pytest

from components.layer import LambdaLayer, LambdaLayerArgs

from ..build.index_fixtures import index, no_settings  # noqa: F401 (fixtures)
from ..build.index_server import Index
from .program import Run, run

PATIENCE = 30
Program = Callable[[], object]


def arguments(name: str) -> LambdaLayerArgs:
    return {
        "directory": ".",
        "lock": f"{name}.txt",
        "python": "3.12",
        "architecture": "x86_64",
        "bucket": "artifacts",
    }


def both() -> None:
    for name in ("left", "right"):
        pulumi.export(name, LambdaLayer(name, arguments(name)).arn)


@pytest.fixture
def two(
    index: Index,  # noqa: F811 (the fixture)
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Index:
    """A project of two locks, which have `shared` and a package of their own; and the index of both."""
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "cache"))
    # Whoever waits here waits for another build, and not for a host that is slow.
    monkeypatch.setenv("UV_HTTP_TIMEOUT", str(2 * PATIENCE))
    monkeypatch.chdir(tmp_path)
    index.wheel("shared", "1.0")
    for name in ("left", "right"):
        index.wheel(name, "1.0")
        Path(f"{name}.txt").write_text(f"{name}==1.0\nshared==1.0\n")
    return index


def refused(program: Program, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What a preview tells of a program that it refuses, and the last line."""
    with caplog.at_level("ERROR"), pytest.raises(pulumi.RunError) as caught:
        run(program, preview=True)
    return [*(each.message for each in caplog.records if each.levelname == "ERROR"), str(caught.value)]


def test_layers_of_a_program_are_built_at_the_same_time_and_share_their_wheels(two: Index) -> None:
    # Each build waits until the other fetches, too, and nobody asks for the wheel of both a second time.
    together = Barrier(3)
    two.before = lambda path: path.endswith(".whl") and together.wait(PATIENCE)
    found = run(both)
    assert two.asked(".whl") == 3
    assert sorted(each.name.partition("-")[0] for each in found.all("LayerVersion")) == ["left", "right"]
    assert found.outputs["left"] != found.outputs["right"]


def test_the_program_goes_on_while_its_layers_are_built(two: Index) -> None:
    went_on = Event()
    two.before = lambda _: went_on.wait(PATIENCE)

    def program() -> None:
        both()
        went_on.set()

    assert len(run(program).all("LayerVersion")) == 2
    assert went_on.is_set()


def test_every_bad_layer_is_told_by_its_name_and_the_preview_fails(
    two: Index, caplog: pytest.LogCaptureFixture
) -> None:
    def program() -> None:
        LambdaLayer("missing", arguments("missing"))
        LambdaLayer("unfit", {**arguments("left"), "require": ["plane"]})
        LambdaLayer("good", arguments("right"))
        LambdaLayer("old", {**arguments("right"), "python": "2.7"})

    *told, last = refused(program, caplog)
    assert told == [
        "layer missing: cannot read the lock missing.txt: No such file or directory",
        "layer unfit: there is no module plane in the layer; add the package that has it to the lock",
        "the layer unfit would not work in Lambda: verification found one error, told above",
    ]
    assert last.startswith("layer old: ")
    assert "2.7" in last


def test_a_fault_is_told_once_however_much_hangs_on_the_layer(
    two: Index, caplog: pytest.LogCaptureFixture
) -> None:
    def program() -> None:
        layer = LambdaLayer("missing", arguments("missing"))
        pulumi.export("arns", [layer.arn, layer.arn.apply(str.upper)])
        pulumi.export("sizes", pulumi.Output.all(layer.unzipped_size, layer.largest))

    assert refused(program, caplog) == ["cannot read the lock missing.txt: No such file or directory"]


def test_arguments_that_change_afterwards_are_those_of_the_next_layer(two: Index) -> None:
    def program() -> None:
        given = arguments("left")
        LambdaLayer("left", given)
        given["lock"] = "right.txt"
        LambdaLayer("right", given)

    found = run(program, preview=True)
    packages = [found.one("LambdaLayer", name).inputs["packages"] for name in ("left", "right")]
    assert packages == [{name: "1.0", "shared": "1.0"} for name in ("left", "right")]


def test_what_depends_on_a_layer_waits_until_it_is_published(two: Index) -> None:
    def program() -> None:
        import pulumi_aws as aws

        layer = LambdaLayer("left", arguments("left"))
        waiting = pulumi.ResourceOptions(depends_on=layer.published.apply(lambda version: [version]))
        aws.cloudwatch.LogGroup("after", name="after", opts=waiting)

    found: Run = run(program)
    assert found.waits_for(found.one("LogGroup"), found.one("LayerVersion"))


def test_an_interrupt_waits_for_no_build() -> None:
    program = (
        "import asyncio, threading\n"
        "from components.builds import in_background\n"
        "async def run():\n"
        "    begun = threading.Event()\n"
        "    in_background('endless', lambda: (begun.set(), threading.Event().wait()))\n"
        "    assert begun.wait(30)\n"
        "    raise KeyboardInterrupt\n"
        "asyncio.run(run())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr.endswith("KeyboardInterrupt\n")
