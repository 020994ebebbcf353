"""Rollbacks: what moves where, and what the settings then say."""

from __future__ import annotations

import pytest
import yaml

from .conftest import SETTINGS, Shop


def pins(shop: Shop) -> dict[str, str]:
    config = yaml.safe_load(shop.settings.read_text())["config"]
    return {key.removeprefix("lamina:pin."): value for key, value in config.items() if ":pin." in key}


def test_all_aliases_go_back_to_the_release_before_and_are_pinned_there(shop: Shop) -> None:
    shop.release("api", "worker")
    shop.calls()
    answer = shop.json("rollback")
    assert shop.live() == {"api": 1, "worker": 1}
    assert pins(shop) == {"api": "1", "worker": "1"}
    assert answer["moved"] == {"api": {"from": 2, "to": 1}, "worker": {"from": 2, "to": 1}}
    assert shop.calls() == ["UpdateAlias"] * 2


def test_only_what_changed_moves_and_all_is_pinned(shop: Shop) -> None:
    shop.release("api")
    shop.calls()
    assert "api: 2 → 1" in shop.run("rollback")
    assert shop.calls() == ["UpdateAlias"]
    assert pins(shop) == {"api": "1", "worker": "1"}


def test_again_goes_one_release_further_and_then_says_that_there_is_none(shop: Shop) -> None:
    for _ in range(2):
        shop.release("api", "worker")
    shop.run("rollback")
    shop.run("rollback")
    assert shop.live() == {"api": 1, "worker": 1}
    assert "nothing older than what is live" in shop.run("rollback", code=1)


def test_a_release_that_moved_only_some_aliases_goes_back_whole(shop: Shop) -> None:
    shop.release("api", "worker")
    shop.point("worker", 1)
    shop.run("rollback")
    assert shop.live() == {"api": 1, "worker": 1}


def test_a_version_that_no_longer_exists_is_skipped_and_told(shop: Shop) -> None:
    for _ in range(2):
        shop.release("api", "worker")
    shop.client("lambda").delete_function(FunctionName=shop.function("api"), Qualifier="2")
    assert "note: api=2,worker=2 is skipped: api 2 no longer exists" in shop.run("rollback")
    assert shop.live() == {"api": 1, "worker": 1}


def test_a_function_that_had_no_release_then_stays(shop: Shop) -> None:
    shop.make("late")
    shop.release("api", "worker", "late")
    assert "late had no release then, and stays" in shop.run("rollback")
    assert shop.live() == {"api": 1, "worker": 1, "late": 1}
    assert pins(shop) == {"api": "1", "worker": "1"}


def test_a_dry_run_does_nothing(shop: Shop) -> None:
    shop.release("api", "worker")
    shop.calls()
    told = shop.run("rollback", "--dry-run")
    assert "would move 2 of 2 aliases" in told
    assert "would have lamina:pin.api = 1" in told
    assert (shop.calls(), shop.settings.read_text()) == ([], SETTINGS)


def test_one_function_alone_goes_back(shop: Shop) -> None:
    shop.release("api", "worker")
    shop.run("rollback", "--function", "api")
    assert shop.live() == {"api": 1, "worker": 2}
    assert pins(shop) == {"api": "1"}


def test_a_release_or_a_version_can_be_asked_for_forwards_too(shop: Shop) -> None:
    for _ in range(2):
        shop.release("api", "worker")
    shop.run("rollback", "--to", "api=1,worker=2")
    assert shop.live() == {"api": 1, "worker": 2}
    shop.run("rollback", "--function", "api", "--to", "3")
    assert shop.live() == {"api": 3, "worker": 2}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--to", "api=9,worker=1"], "api 9 is not in the ledger, which has 1, 2"),
        (["--to", "none=1"], "there is no function none; there are api, worker"),
        (["--function", "none"], "there is no function none; there are api, worker"),
        (["--to", "2"], "--to 2 names no release"),
        (["--function", "api", "--to", "worker=1"], "names no release"),
    ],
    ids=["version", "function of a set", "function", "no set", "another function"],
)
def test_what_is_not_there_is_the_users_mistake_and_moves_nothing(
    shop: Shop, options: list[str], told: str
) -> None:
    shop.release("api", "worker")
    assert told in shop.run("rollback", *options, code=2)
    assert shop.live() == {"api": 2, "worker": 2}
    assert shop.settings.read_text() == SETTINGS


def test_a_canary_that_runs_ends_first(shop: Shop) -> None:
    shop.release("api", "worker")
    shop.release("api", "worker", passed=False)
    shop.point("api", 2, v3=0.1)
    shop.settings.write_text(SETTINGS + '  lamina:canary: "10"\n')
    told = shop.run("rollback")
    assert "the canary of api ends" in told
    assert "api: 2 and 10% 3 → 2" in told
    assert "RoutingConfig" not in shop.alias("api") or not shop.alias("api")["RoutingConfig"]
    assert shop.live() == {"api": 2, "worker": 2}
    assert "canary" not in shop.settings.read_text()


def test_an_alias_that_does_not_move_keeps_no_other_back_and_again_finishes(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from release.cloud import Cloud
    from release.errors import ReleaseError

    shop.release("api", "worker")
    move = Cloud.move

    def failing(cloud: Cloud, full_name: str, version: int) -> None:
        if full_name.endswith("api"):
            raise ReleaseError("moving api: Throttled: too much")
        move(cloud, full_name, version)

    with monkeypatch.context() as patch:
        patch.setattr(Cloud, "move", failing)
        told = shop.run("rollback", code=1)
    assert "error: worker has moved; api has not (moving api: Throttled: too much); run it again" in told
    assert shop.live() == {"api": 2, "worker": 1}
    assert pins(shop) == {"api": "1", "worker": "1"}
    shop.run("rollback")
    assert shop.live() == {"api": 1, "worker": 1}


def test_nothing_is_pinned_where_nothing_moved(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from release.cloud import Cloud

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    shop.release("api", "worker")
    monkeypatch.setattr(Cloud, "move", interrupted)
    told = shop.run("rollback", code=1)
    assert "nothing has moved; api has not (interrupted); worker has not (interrupted)" in told
    assert shop.settings.read_text() == SETTINGS
    assert [path.name for path in shop.folder.iterdir() if path.name.endswith(".tmp")] == []


def test_neither_the_lock_nor_the_program_is_needed(shop: Shop) -> None:
    shop.release("api", "worker")
    (shop.folder / "__main__.py").write_text("this is no Python")
    (shop.folder / "app").mkdir()
    (shop.folder / "app/requirements.txt").write_text("markdown==\n")
    shop.run("rollback")
    assert shop.live() == {"api": 1, "worker": 1}


def test_functions_of_other_stacks_are_left_alone(shop: Shop) -> None:
    shop.release("api", "worker")
    shop.client("lambda").tag_resource(
        Resource=shop.alias("worker")["AliasArn"].removesuffix(":live"), Tags={"lamina:stack": "lamina/other"}
    )
    shop.run("rollback", "--to", "api=1")
    assert shop.live() == {"api": 1, "worker": 2}


def test_what_aws_refuses_is_one_line(shop: Shop) -> None:
    s3 = shop.client("s3")
    for item in s3.list_objects_v2(Bucket=shop.bucket)["Contents"]:
        s3.delete_object(Bucket=shop.bucket, Key=item["Key"])
    s3.delete_bucket(Bucket=shop.bucket)
    told = shop.run("rollback", code=1)
    assert told.startswith(f"error: listing the ledger in the bucket {shop.bucket}: NoSuchBucket")
    assert told.count("\n") == 1
