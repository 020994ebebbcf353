"""A service that Terraform made is taken over: imports alone, traffic all the way, and nothing left to do."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from build.cli import main
from local.endpoint import environment_of
from release.cli import main as release

from .content import FUNCTIONS
from .picture import difference, picture
from .terraformed import OldWorld
from .world import World, within

FILE = "adopt.world.yaml"
OLD = [{"function": name, "old": "old"} for name in ("api", "worker")]
NEW = [{"function": name, "layer": "a", "code": "a"} for name in FUNCTIONS]


@dataclass
class Traffic:
    """Calls that never stop while the context lasts: each alias by its function, and the HTTP API.

    Attributes:
        answers: all of them.
        faults: what went wrong.
    """

    old: OldWorld
    answers: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    @contextlib.contextmanager
    def flowing(self) -> Iterator[None]:
        ended = threading.Event()

        def flow() -> None:
            while not ended.wait(0.3):
                try:
                    self.answers.append(self.old.live())
                except Exception as error:  # noqa: BLE001 (whatever it is, the test says it)
                    self.faults.append(error)

        thread = threading.Thread(target=flow)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self.answers.append(self.old.live())


@dataclass(frozen=True)
class Story:
    """What happened to a service that was adopted; runs are what they printed."""

    before: dict[str, Any]
    previewed: dict[str, int]
    preview_writes: list[str]
    up: str
    writes: list[str]
    traffic: Traffic
    after: dict[str, Any]
    again: list[str]
    without: list[str]
    preview_without: dict[str, int]


def changes(world: World) -> dict[str, int]:
    summary: dict[str, int] = json.loads(world.told("preview", "--json"))["changeSummary"]
    return {kind: count for kind, count in summary.items() if kind not in {"same", "refresh"}}


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[tuple[World, OldWorld]]:
    with within(tmp_path_factory.mktemp("world") / "w", cache) as world:
        old = OldWorld(world)
        given = ["adopt", str(old.state), "--stack", "world", "--project", str(world.project)]
        assert main(given) == 0
        world.set(**{"lamina:adopt": FILE})
        yield world, old


def refused(world: World, edits: Mapping[str, str]) -> str:
    """What a preview says of a mapping with edits in it, after which nothing was touched."""
    path = world.project / FILE
    whole = edited = path.read_text()
    for right, wrong in edits.items():
        assert whole.count(right) == 1, right
        edited = edited.replace(right, wrong)
    path.write_text(edited)
    world.calls()
    try:
        told = world.told("preview", code=1)
    finally:
        path.write_text(whole)
    assert world.writing_calls() == []
    return told


def test_what_would_be_replaced_is_refused_for_all_at_once_with_both_values(
    old: tuple[World, OldWorld],
) -> None:
    world, _ = old
    trust = world.client("iam").get_role(RoleName="shop-api")["Role"]["AssumeRolePolicyDocument"]
    world.client("iam").create_role(
        RoleName="strange", Path="/team/", AssumeRolePolicyDocument=json.dumps(trust)
    )
    world.client("lambda").add_permission(
        FunctionName="shop-api",
        Qualifier="live",
        StatementId="Other",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )
    edits = {
        'aws_iam_role.this["cleanup.v1"]\n  id: shop-cleanup\n  name: shop-cleanup\n': "strange\n"
        "  id: strange\n  name: strange\n",
        "id: shop-api:live/AllowApi\n  name: AllowApi": "id: shop-api:live/Other\n  name: Other",
    }
    told = refused(world, edits)
    assert "PythonFunction$aws:iam/role:Role::cleanup': it is protected" in told
    assert 'path: "/team/" => "/"' in told
    assert "HttpApi$aws:lambda/permission:Permission::api': it is protected" in told
    assert 'principal: "events.amazonaws.com" => "apigateway.amazonaws.com"' in told
    world.client("iam").delete_role(RoleName="strange")
    world.client("lambda").remove_permission(FunctionName="shop-api", Qualifier="live", StatementId="Other")


def test_what_has_gone_meanwhile_is_refused_by_its_id(old: tuple[World, OldWorld]) -> None:
    told = refused(
        old[0], {"id: shop-nightly/cleanup\n  name: cleanup": "id: shop-nightly/gone\n  name: gone"}
    )
    assert "resource 'shop-nightly/gone' does not exist" in told


def test_an_edit_that_is_wrong_is_refused_before_anything_is_asked(old: tuple[World, OldWorld]) -> None:
    told = refused(old[0], {"resource: Schedule/EventRule/cleanup": "resource: Schedule/EventRul/cleanup"})
    assert "is no resource of the program (did you mean Schedule/EventRule/cleanup?)" in told
    assert "Traceback" not in told


@pytest.fixture(scope="module")
def story(old: tuple[World, OldWorld]) -> Story:
    world, service = old
    service.publish_cleanup()
    traffic = Traffic(service)
    before = picture(world)
    with traffic.flowing():
        world.calls()
        previewed = changes(world)
        preview_writes = [each for each in world.writing_calls() if each != "lambda:Invoke"]
        up = world.up()
        writes = world.writing_calls()
    after = picture(world)
    world.calls()
    world.up()
    again = world.writing_calls()
    world.set()
    world.up()
    without = world.writing_calls()
    (world.project / FILE).rename(world.folder / FILE)
    preview_without = changes(world)
    (world.folder / FILE).rename(world.project / FILE)
    return Story(
        before, previewed, preview_writes, up, writes, traffic, after, again, without, preview_without
    )


def test_the_preview_shows_imports_and_no_replacement_and_touches_nothing(story: Story) -> None:
    assert story.previewed["import"] == 27
    assert set(story.previewed) == {"create", "import", "update"}
    assert story.preview_writes == []


def test_traffic_is_answered_all_the_way_by_the_old_service_or_the_new(story: Story) -> None:
    assert story.traffic.faults == []
    answers = story.traffic.answers
    assert [answers[0][name] for name in ("api", "worker")] == OLD
    assert [answers[-1][name] for name in FUNCTIONS] == NEW
    assert len(answers) > 3


def test_the_service_goes_live_on_lamina_under_its_old_names(
    story: Story, old: tuple[World, OldWorld]
) -> None:
    found = old[1].live()
    assert [found[name] for name in FUNCTIONS] == NEW
    assert found["http"] == NEW[0]
    assert "= 27 imported" in story.up
    assert not [each for each in story.writes if "Delete" in each or "Remove" in each]


def test_nothing_that_was_there_is_lost(story: Story) -> None:
    assert set(story.before) - set(story.after) == set()
    kept = [key for key in story.before if key.startswith(("layer ", "s3 shop-frontend"))]
    assert kept
    assert difference({key: story.before[key] for key in kept}, {key: story.after[key] for key in kept}) == []


def test_a_second_up_changes_nothing_whether_the_setting_stays_or_is_taken_out(story: Story) -> None:
    assert story.again == []
    assert story.without == []


@pytest.mark.usefixtures("story")
def test_a_rollback_finds_the_functions_under_their_old_names(
    old: tuple[World, OldWorld], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world, _ = old
    for name, value in environment_of(world.port).items():
        monkeypatch.setenv(name, value)
    assert release(["status", "--stack", "world", "--project", str(world.project), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    named = {each["function"]: each["name"] for each in told["functions"]}
    assert named == {name: f"shop-{name}" for name in FUNCTIONS}


def test_without_the_file_a_preview_shows_what_would_be_replaced(story: Story) -> None:
    assert story.preview_without["replace"] > 0
