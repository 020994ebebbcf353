"""Releases of the small world's stack: what each change publishes, and every way back."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.endpoint import environment_of

from .content import FUNCTIONS
from .processes import ROOT
from .world import STACK, World, within

COUNTED = ("PublishLayerVersion", "PublishVersion", "UpdateAlias", "Invoke", "UpdateFunctionCode")
UNVERIFIED = {"lamina:verify": False}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[World]:
    """A stack that was released once; each test goes on where the one before it ended."""
    with within(tmp_path_factory.mktemp("world") / "w", cache) as made:
        made.up()
        yield made


def counted(world: World) -> dict[str, int]:
    """How often each of the calls that make a release was made since this was last asked."""
    made = Counter(each.partition(":")[2] for each in world.writing_calls())
    return {name: made[name] for name in COUNTED if made[name]}


def live(world: World) -> dict[str, int]:
    return {name: int(alias(world, name)["FunctionVersion"]) for name in FUNCTIONS}


def alias(world: World, name: str) -> Any:
    return world.client("lambda").get_alias(FunctionName=f"lamina-{STACK}-{name}", Name="live")


def weights(world: World, name: str) -> dict[str, float]:
    found: dict[str, float] = alias(world, name).get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return found


def release(world: World, command: str, *options: str) -> str:
    """Runs `python -m release` on the stack, in a process of its own as a person on call does."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "release",
            command,
            "--stack",
            STACK,
            "--project",
            str(world.project),
            *options,
        ],
        cwd=ROOT,
        env={"PATH": "", **environment_of(world.port)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_change_of_code_alone_publishes_versions_and_no_layer(world: World) -> None:
    world.calls()
    world.write(code="b")
    world.up()
    assert counted(world) == {
        "UpdateFunctionCode": 3,
        "PublishVersion": 3,
        "Invoke": 3,
        "UpdateAlias": 3,
    }


def test_a_failed_smoke_test_tells_its_error_its_log_and_what_is_live(world: World) -> None:
    before = live(world)
    world.write(layer="x", broken=True)
    world.set(**UNVERIFIED)
    told = world.up(code=1)
    assert live(world) == before
    # All three have the layer; whichever is asked first ends the run.
    failed = (
        rf"(api|cleanup|worker) {before['api'] + 1} failed its smoke test: ModuleNotFoundError: No module "
    )
    assert re.search(f"{failed}named 'tiny.core'", told)
    assert "the end of its log:" in told
    assert f"live is api {before['api']}, cleanup {before['cleanup']}, worker {before['worker']}" in told


def test_a_bad_release_does_not_block_the_next_one_which_publishes_its_layer_once(world: World) -> None:
    # A change of nothing but the layer, for which others publish no version (aws-sam-cli#7120).
    before = live(world)
    world.calls()
    world.write(layer="b")
    world.set()
    world.up()
    assert counted(world) == {"PublishLayerVersion": 1, "PublishVersion": 3, "Invoke": 3, "UpdateAlias": 3}
    assert all(live(world)[name] > before[name] for name in FUNCTIONS)


def test_every_release_is_in_the_ledger_as_a_set(world: World) -> None:
    now = live(world)
    bucket = json.loads(world.told("output", "--json"))["artifacts_bucket"]
    listed = world.client("s3").list_objects_v2(Bucket=bucket, Prefix="releases/")["Contents"]
    keys = {item["Key"] for item in listed}
    failed = now["api"] - 1
    for number in {*range(1, now["api"] + 1)} - {failed}:
        assert f"releases/api={number},cleanup={number},worker={number}.json" in keys
        assert {f"releases/{name}/{number}.json" for name in FUNCTIONS} <= keys
    assert not [key for key in keys if key.endswith((f"/{failed}.json", f"={failed}.json"))]


def test_a_rollback_is_what_the_next_up_wants(world: World) -> None:
    before = live(world)
    text = (world.project / "__main__.py").read_text()
    (world.project / "__main__.py").write_text("this is no Python")
    (world.project / "app/requirements.txt").write_text("tiny==\n")
    world.calls()
    assert "3 of 3" in release(world, "rollback")
    assert counted(world) == {"UpdateAlias": 3}
    assert all(live(world)[name] < before[name] for name in FUNCTIONS)
    (world.project / "__main__.py").write_text(text)
    world.write(layer="b")
    then = live(world)
    assert " unchanged" in world.up()
    assert counted(world) == {}
    assert live(world) == then


def test_pins_that_the_ledger_does_not_have_fail_the_preview(world: World) -> None:
    settings = world.project / f"Pulumi.{STACK}.yaml"
    kept = settings.read_text()
    settings.write_text(kept.replace('lamina:pin.api: "2"', 'lamina:pin.api: "99"'))
    world.calls()
    told = world.told("preview", code=1)
    assert "lamina:pin.api is 99, which is not in the ledger" in told
    assert "of api it has 1, 2, 4" in told
    assert world.writing_calls() == []
    settings.write_text(kept)


def test_a_canary_of_a_change_of_configuration_shares_the_traffic_and_is_aborted_at_once(
    world: World,
) -> None:
    before = live(world)
    release(world, "canary", "--percent", "10")
    with (world.project / f"Pulumi.{STACK}.yaml").open("a") as settings:
        settings.write("  lamina:attempt: 2\n")
    world.calls()
    world.up()
    assert counted(world) == {"PublishVersion": 3, "Invoke": 3, "UpdateAlias": 3}
    assert (live(world), weights(world, "api")) == (before, {"5": 0.1})
    release(world, "abort")
    assert counted(world) == {"UpdateAlias": 3}
    assert (live(world), weights(world, "api")) == (before, {})


def test_promote_moves_everything_to_the_newest(world: World) -> None:
    release(world, "promote")
    world.up()
    assert live(world) == dict.fromkeys(FUNCTIONS, 5)
    assert weights(world, "api") == {}


def test_a_configuration_whose_version_failed_to_be_published_is_told_until_an_attempt(world: World) -> None:
    settings = world.project / f"Pulumi.{STACK}.yaml"
    settings.write_text(f"{settings.read_text()}  lamina:env.api.GREETING: hello\n")
    world.own("faults", "POST", {"operation": "lambda:PublishVersion", "nth": 1, "kind": "error"})
    world.up(code=1)
    world.own("faults", "DELETE")
    # The provider asks no second time, and the version before has the layer and the code of the smoke event.
    assert (
        "version 5 of api is not the one that was to be published: it has other environment variables "
        "(GREETING); set lamina:attempt" in world.up(code=1)
    )
    assert live(world) == dict.fromkeys(FUNCTIONS, 5)
    settings.write_text(settings.read_text().replace("lamina:attempt: 2", "lamina:attempt: 3"))
    world.up()
    assert live(world) == dict.fromkeys(FUNCTIONS, 6)


def test_an_answer_that_is_not_as_expected_moves_nothing_and_is_asked_for_anew(world: World) -> None:
    before = live(world)
    # A handler that answers everything, and does not know the smoke event.
    handler = "def handler(event, context):\n    print('busy')\n    return {'status': 'new'}\n"
    (world.project / "app/api.py").write_text(handler)
    told = world.up(code=1)
    assert "api 7 failed its smoke test: the answer has no lamina" in told
    assert "busy" in told
    assert live(world) == before
    world.calls()
    assert "api 7 failed its smoke test: the answer has no lamina" in world.up(code=1)
    assert counted(world) == {"Invoke": 1}
    assert live(world) == before


def test_a_slim_layer_with_bytecode_is_another_one_that_works_as_well(world: World) -> None:
    world.write(code="d")
    world.calls()
    world.set(**{"lamina:bytecode": True, "lamina:slim": True})
    world.up()
    assert counted(world)["PublishLayerVersion"] == 1
    answer = world.client("lambda").invoke(FunctionName=f"lamina-{STACK}-api", Qualifier="live")
    assert json.loads(answer["Payload"].read())["function"] == "api"
