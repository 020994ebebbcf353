"""The command: where it looks, what it says while it works, and what it says when it cannot."""

from __future__ import annotations

from typing import Any

import pytest

from build.cli import main
from build.gc.cloud import Cloud
from build.gc.sharing import lets_others_in

from .conftest import LAYER, Run, World

COMMAND = ["gc", "--layer", LAYER, "--keep", "1"]


def test_quiet_says_nothing_but_what_is_for_programs(world: World, run: Run) -> None:
    world.layer("a", "b")
    assert run("--quiet") == (0, "", "")
    assert run("--quiet", "--json")[1]["dryRun"] is True


def test_verbose_tells_each_step_with_its_amount(world: World, run: Run) -> None:
    world.layer("a", "b", "c")
    world.function("shop-prod-api", [], latest=3)
    _, _, err = run("--verbose", "--yes")
    for step in (
        "listing layer versions: 3 items, ",
        "listing function versions: 1 item, ",
        "deleting: 2 items, ",
    ):
        assert step in err


def test_another_region_is_another_place(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.layer("a", "b")
    assert main([*COMMAND, "--region", "eu-west-1"]) == 2
    assert capsys.readouterr().err == f"error: there is no layer {LAYER} in eu-west-1; 0 layers are there\n"


@pytest.mark.parametrize(
    ("without", "message"),
    [
        (
            ["AWS_DEFAULT_REGION", "AWS_REGION"],
            "no AWS region is set; name one with --region or AWS_DEFAULT_REGION",
        ),
        (
            ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
            "no AWS credentials were found where boto3 looks; name a --profile",
        ),
    ],
    ids=["no region", "no credentials"],
)
def test_what_is_not_configured_is_told(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    without: list[str],
    message: str,
) -> None:
    for name in without:
        monkeypatch.delenv(name)
    assert main(COMMAND) == 2
    assert capsys.readouterr().err == f"error: {message}\n"


def test_an_endpoint_that_does_not_answer_is_a_failure(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("build.gc.cloud._ATTEMPTS", 1)
    assert main(COMMAND) == 1
    err = capsys.readouterr().err
    assert err.startswith(
        f'error: the versions of the layer {LAYER}: Could not connect to the endpoint URL: "http'
    )
    assert err.count("\n") == 1


def test_the_clients_slow_down_and_give_up(world: World, cloud: Cloud) -> None:
    config: Any = cloud.functions.meta.config
    assert config.retries == {"mode": "adaptive", "total_max_attempts": 8}


OWN = "arn:aws:iam::123456789012:root"


@pytest.mark.parametrize(
    ("principal", "shared"),
    [
        (f'{{"AWS": "{OWN}"}}', False),
        (f'{{"AWS": ["{OWN}", "123456789012"]}}', False),
        (f'{{"AWS": ["{OWN}", "arn:aws:iam::999999999999:root"]}}', True),
        ('{"AWS": "999999999999"}', True),
        ('{"AWS": "arn:aws:iam::9123456789012:root"}', True),
        ('"*"', True),
        ("3", True),
    ],
)
def test_who_is_let_in_is_read_from_the_policy(principal: str, shared: bool) -> None:
    policy = f'{{"Statement": [{{"Effect": "Allow", "Principal": {principal}}}]}}'
    assert lets_others_in(policy, "123456789012") is shared


@pytest.mark.parametrize("policy", ["", "{}", "[]", '{"Statement": [{}]}', '{"Statement": 3}'])
def test_a_policy_that_cannot_be_read_may_let_anybody_in(policy: str) -> None:
    assert lets_others_in(policy, "123456789012")
