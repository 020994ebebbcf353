"""What `python -m local tick` prints and how it ends; what a tick does is tested in tests/local/aws."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local import cli
from local.aws.server import Server, serve
from local.endpoint import environment_of
from local.tick import line_of
from tests.local.conftest import client_of
from tests.local.functions.fake_runtime import FakeRuntime

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient

ALIAS = "arn:aws:lambda:us-west-2:123456789012:function:cleanup:live"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """An embedded AWS that the command finds."""
    fake = FakeRuntime(lambda _: {"deleted": 2})
    monkeypatch.setattr("local.functions.service.Runtimes", lambda *_: fake)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    with serve(managed_policies=False) as server:
        monkeypatch.setattr("local.tick.environment", lambda _: environment_of(server.port))
        yield server


@pytest.fixture
def events(cloud: Server) -> EventBridgeClient:
    client: EventBridgeClient = client_of(cloud, "events")
    return client


@pytest.fixture
def nightly(events: EventBridgeClient, lambda_client: Any, make_function: Any) -> None:
    """A rule whose target it may invoke."""
    make_function("cleanup", Publish=True)
    lambda_client.create_alias(FunctionName="cleanup", Name="live", FunctionVersion="1")
    rule = events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")["RuleArn"]
    events.put_targets(Rule="nightly", Targets=[{"Id": "one", "Arn": ALIAS}])
    lambda_client.add_permission(
        FunctionName="cleanup",
        Qualifier="live",
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )


@pytest.mark.usefixtures("nightly")
def test_every_target_is_a_line_with_its_version_and_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["tick"]) == 0
    assert capsys.readouterr() == (
        'nightly, rate(1 day): cleanup:live, version 1, answered {"deleted": 2}\n',
        "",
    )


@pytest.mark.usefixtures("nightly")
def test_with_json_the_answer_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["tick", "--rule", "nightly", "--json"]) == 0
    (fired,) = json.loads(capsys.readouterr().out)["fired"]
    assert (fired["target"], fired["version"]) == (ALIAS, "1")


def test_a_target_that_is_not_reached_is_an_error(
    events: EventBridgeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    events.put_targets(Rule="nightly", Targets=[{"Id": "one", "Arn": ALIAS}])
    assert cli.main(["tick"]) == 1
    assert capsys.readouterr() == (
        "",
        f"error: nightly, rate(1 day): cleanup:live: Function not found: {ALIAS}\n",
    )


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 1, "no enabled rule has a schedule, so there is nothing to fire"),
        (["--rule", "hourly"], 2, "there is no rule hourly with a schedule"),
    ],
    ids=["no rule", "unknown rule"],
)
def test_where_nothing_can_fire_one_line_says_so(
    arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["tick", *arguments]) == code
    assert capsys.readouterr() == ("", f"error: {said}\n")


def test_a_cloud_that_ended_meanwhile_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("local.tick.environment", lambda _: environment_of(9))
    assert cli.main(["tick"]) == 1
    assert "error: the embedded AWS did not fire the schedule: " in capsys.readouterr().err


def test_a_rule_without_a_target_is_told_without_one() -> None:
    fired = {"rule": "on", "schedule": "rate(1 day)", "target": "", "version": None, "fault": "it has none"}
    assert line_of(fired) == "on, rate(1 day): it has none"
