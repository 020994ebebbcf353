"""A service that Terraform made is taken over: imports alone, traffic all the way, and nothing left to do."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from build.cli import main

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
            while not ended.wait(0.1):
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


def refused(world: World, wrong: str, right: str) -> str:
    """What a preview says of a mapping with an edit in it, after which nothing was touched."""
    path = world.project / FILE
    whole = path.read_text()
    assert wrong != right
    assert whole.count(right) == 1, right
    path.write_text(whole.replace(right, wrong))
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
    sqs: Any = world.client("sqs")
    url = sqs.create_queue(QueueName="strange.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    logs: Any = world.client("logs")
    logs.create_log_group(logGroupName="rare", logGroupClass="INFREQUENT_ACCESS")
    jobs = f"{url.removesuffix('strange.fifo')}shop-jobs"
    path = world.project / FILE
    whole = path.read_text()
    rare = "id: /aws/lambda/shop-api\n  name: /aws/lambda/shop-api\n"
    path.write_text(
        whole.replace(f"id: {jobs}\n  name: shop-jobs\n", f"id: {url}\n  name: strange.fifo\n").replace(
            rare, "id: rare\n  name: rare\n"
        )
    )
    world.calls()
    told = world.told("preview", code=1)
    path.write_text(whole)
    assert world.writing_calls() == []
    assert "WorkQueue$aws:sqs/queue:Queue::thumbnails': it is protected" in told
    assert "fifoQueue: true => null" in told
    assert 'logGroupClass: "INFREQUENT_ACCESS" => null' in told
    sqs.delete_queue(QueueUrl=url)
    logs.delete_log_group(logGroupName="rare")


def test_what_has_gone_meanwhile_is_refused_by_its_id(old: tuple[World, OldWorld]) -> None:
    told = refused(old[0], "id: shop-worker:gone\n  name: gone", "id: shop-worker:consume\n  name: consume")
    assert "resource 'shop-worker:gone' does not exist" in told


def test_an_edit_that_is_wrong_is_refused_before_anything_is_asked(old: tuple[World, OldWorld]) -> None:
    told = refused(old[0], "- resource: Schedule/EventRul/cleanup", "- resource: Schedule/EventRule/cleanup")
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
    world.set(**{"lamina:names": FILE})
    world.up()
    without = world.writing_calls()
    world.set()
    preview_without = changes(world)
    return Story(
        before, previewed, preview_writes, up, writes, traffic, after, again, without, preview_without
    )


def test_the_preview_shows_imports_and_no_replacement_and_touches_nothing(story: Story) -> None:
    assert story.previewed["import"] == 31
    assert set(story.previewed) == {"create", "import", "update"}
    assert story.preview_writes == []


def test_traffic_is_answered_all_the_way_by_the_old_service_or_the_new(story: Story) -> None:
    assert story.traffic.faults == []
    answers = story.traffic.answers
    assert [answers[0][name] for name in ("api", "worker")] == OLD
    assert len(answers) > 10


def test_the_service_goes_live_on_lamina_under_its_old_names(
    story: Story, old: tuple[World, OldWorld]
) -> None:
    found = old[1].live()
    assert [found[name] for name in FUNCTIONS] == NEW
    assert found["http"] == NEW[0]
    assert "= 31 imported" in story.up
    assert not [each for each in story.writes if "Delete" in each or "Remove" in each]


def test_nothing_that_was_there_is_lost(story: Story) -> None:
    assert set(story.before) - set(story.after) == set()
    kept = [key for key in story.before if key.startswith("layer ") or key.startswith("s3 shop-frontend")]
    assert kept
    assert difference({key: story.before[key] for key in kept}, {key: story.after[key] for key in kept}) == []


def test_a_second_up_changes_nothing_whether_the_setting_stays_or_is_taken_out(story: Story) -> None:
    assert story.again == []
    assert story.without == []


def test_without_the_names_a_preview_shows_what_would_be_replaced(story: Story) -> None:
    assert story.preview_without["replace"] > 0
