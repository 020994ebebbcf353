"""What a deployment keeps to itself: its secrets, its sockets, and rights beyond those that it needs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import yaml

from local.engine.crypt import Crypter

from .deployer import IMPLIED, OTHERS, covers, rights, rights_of, statements
from .world import STACK, World, within

# What the story's runs needed, by their names.
rights_used: dict[str, set[str]] = {}
# Service Authorization Reference: these actions have no resource types.
WITHOUT_RESOURCES = {
    "lambda:CreateEventSourceMapping",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}
OLD, NEW = "hunter22-of-old", "hunter22-of-now"
HANDLER = """
import os

from .smoke import answers_smoke


def check():
    if os.environ["TOKEN"].endswith("now"):
        raise ValueError("refused " + os.environ["TOKEN"])


@answers_smoke(check)
def handler(event, context):
    return "done"
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[World]:
    """A world whose API knows a secret; its tests are one story."""
    with within(tmp_path_factory.mktemp("world") / "w", cache) as world:
        (world.project / "app/api.py").write_text(HANDLER)
        keep(world, OLD)
        yield world


def keep(world: World, token: str) -> None:
    """Writes the stack file as `pulumi config set --secret lamina:env.api.TOKEN` does."""
    world.set()
    path, crypter = world.project / f"Pulumi.{STACK}.yaml", Crypter(None)
    content = yaml.safe_load(path.read_text())
    content["config"]["lamina:env.api.TOKEN"] = {"secure": crypter.encrypt(token)}
    path.write_text(yaml.safe_dump({**content, "encryptionsalt": crypter.salt}))


def leaks(world: World, shown: str) -> list[str]:
    """Where a secret stands in clear: in what was shown, or in which of the world's files.

    Not in those of the running functions: what a function prints of its environment is its own doing.
    """
    files = [path for path in world.folder.rglob("*") if path.is_file() and "environments" not in path.parts]
    assert world.state_path in files
    texts = {str(path): path.read_bytes().decode(errors="replace") for path in files} | {"shown": shown}
    return [where for where, text in texts.items() if OLD in text or NEW in text]


def test_every_process_of_a_deployment_listens_on_the_loopback_interface_alone(world: World) -> None:
    run = world.start("up", own_provider=True)
    assert world.aws
    # Of which all processes of a world are forked.
    zygote = psutil.Process(world.aws.pid).parent()
    assert zygote
    heard: dict[int, set[str]] = {}
    while run.process.poll() is None:
        for process in zygote.children(recursive=True):
            heard.setdefault(process.pid, set()).update(addresses(process))
        time.sleep(0.3)
    ran = run.ended()
    assert ran.code == 0, ran.told
    assert {each for sockets in heard.values() for each in sockets} == {"127.0.0.1"}
    # The AWS with its Runtime API, the engine's monitor, and the provider.
    assert sum(bool(sockets) for sockets in heard.values()) >= 3


def addresses(process: psutil.Process) -> set[str]:
    """What a process listens on; 127.0.0.1 of a socket for both families is shown as an address of IPv6."""
    try:
        found = process.net_connections(kind="inet")
    except psutil.Error:
        return set()
    return {each.laddr.ip.removeprefix("::ffff:") for each in found if each.status == psutil.CONN_LISTEN}


def test_the_documented_rights_are_about_every_resource_of_the_stack(world: World) -> None:
    outputs = [each.get("outputs", {}) for each in world.state()["resources"]]
    found = [each["arn"] for each in outputs if "arn" in each]
    assert len(found) > 20
    assert [arn for arn in found if not covers(arn, STACK)] == []


def test_a_preview_looks_and_shows_neither_the_old_nor_the_new_value(world: World) -> None:
    rights_used["up"] = rights_of(world.calls())
    keep(world, NEW)
    shown = world.told("preview", "--diff")
    assert "aws:lambda:Function api update" in shown
    assert leaks(world, shown) == []
    rights_used["preview"] = rights_of(world.calls())


def test_a_failed_smoke_test_that_recites_the_secret_is_masked(world: World) -> None:
    failed = world.up(code=1)
    rights_used["release"] = rights_of(world.calls())
    assert "refused [secret]" in failed
    assert leaks(world, failed) == []


def test_the_function_has_the_secret_and_the_record_of_calls_has_not(world: World) -> None:
    got = world.client("lambda").get_function_configuration(FunctionName=f"lamina-{STACK}-api")
    assert got["Environment"]["Variables"]["TOKEN"] == NEW
    assert "ciphertext" in world.state_path.read_text()
    assert leaks(world, json.dumps(world.calls())) == []


def test_the_documented_rights_are_those_that_deployments_need_and_no_others(world: World) -> None:
    world.told("destroy")
    rights_used["destroy"] = rights_of(world.calls())
    assert rights_used["preview"] - rights("Look") == set()
    assert (rights_used["up"] | rights_used["release"]) - rights("Look", "Change") == set()
    assert rights_used["destroy"] - rights("Look", "Change", "Remove") == set()
    used = set().union(*rights_used.values())
    assert rights("Look", "Change", "Remove") - used == IMPLIED.keys() | (OTHERS - used)


def test_the_documented_rights_fit_into_a_policy_for_each_task_and_have_no_wildcard_actions() -> None:
    for kind in ("Look", "Change", "Remove"):
        # IAM User Guide, "IAM and AWS STS quotas": characters of a managed policy, without blanks.
        assert len(json.dumps(statements(kind), separators=(",", ":"))) < 6_144
    assert not [action for action in rights("") if "*" in action]
    everywhere = {action for each in statements("") if each["Resource"] == ["*"] for action in each["Action"]}
    assert everywhere == WITHOUT_RESOURCES
