"""Deleting: what goes wrong midway is told, what came in between is spared, and another run goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from build.gc.cloud import Cloud
from build.gc.decision import Rules
from build.gc.deletion import FRESH, MOST_FAILURES, Deletion
from build.gc.plan import Asked, make_plan
from build.progress import SILENT
from local.functions.errors import LambdaError

from .conftest import BUCKET, LAYER, Run, World, digest, numbers

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

API = "shop-prod-api"
Before = Callable[[str, Callable[[dict[str, Any]], None]], None]


@pytest.fixture
def before(world: World, monkeypatch: pytest.MonkeyPatch) -> Before:
    """Has something happen before each call of an operation of Lambda."""
    perform = world.server.service._perform

    def before(operation: str, happen: Callable[[dict[str, Any]], None]) -> None:
        def performing(name: str, region: Any, parameters: Any) -> Any:
            if name == operation:
                happen(parameters)
            return perform(name, region, parameters)

        monkeypatch.setattr(world.server.service, "_perform", performing)

    return before


def use(world: World) -> None:
    world.function(API, [], latest=1)


def put(bucket: S3Client, key: str, content: bytes) -> None:
    bucket.put_object(Bucket=BUCKET, Key=key, Body=content)


def denied(*versions: int) -> Callable[[dict[str, Any]], None]:
    def happen(parameters: dict[str, Any]) -> None:
        if parameters["version_number"] in versions:
            raise LambdaError("AccessDeniedException", f"not authorized: {parameters['version_number']}")

    return happen


def test_what_fails_is_told_at_once_the_rest_goes_and_another_run_goes_on(
    world: World, run: Run, before: Before
) -> None:
    world.layer("a", "b", "c", "d")
    before("DeleteLayerVersion", denied(1, 3))
    code, found, err = run("--yes", "--json")
    assert (code, numbers(found), found["left"]) == (1, [2], 2)
    told = [f"{LAYER}:{number} stays: AccessDeniedException: not authorized: {number}" for number in (1, 3)]
    assert err == f"error: {told[0]}; {told[1]}; run it again to go on\n"
    before("DeleteLayerVersion", denied())
    assert numbers(run("--yes", "--json")[1]) == [1, 3]
    assert world.versions() == [4]


def test_many_failures_end_the_run(world: World, run: Run, before: Before) -> None:
    world.layer(*map(str, range(MOST_FAILURES + 5)))
    before("DeleteLayerVersion", denied(*range(100)))
    code, found, _ = run("--yes", "--json", keep=0)
    assert (code, len(found["failures"]), found["left"]) == (1, MOST_FAILURES, MOST_FAILURES + 5)


def test_an_interruption_tells_what_is_gone(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    world.layer("a", "b", "c", "d")

    def delete(self: Deletion, version: Any) -> None:
        if version.number == 2:
            raise KeyboardInterrupt
        self._cloud.functions.delete_layer_version(LayerName=LAYER, VersionNumber=version.number)

    with monkeypatch.context() as patch:
        patch.setattr(Deletion, "_layer_version", delete)
        code, out, err = run("--yes")
    assert (code, err) == (130, "error: interrupted\n")
    assert "deleted" in out
    assert "shop-prod-deps:1" in out
    assert "shop-prod-deps:2" not in out
    assert out.endswith("2 items of 3 left: run it again to go on\n")
    assert numbers(run("--yes", "--json")[1]) == [2, 3]


def test_a_version_that_a_function_takes_meanwhile_stays(world: World, run: Run, before: Before) -> None:
    world.layer("a", "b", "c")
    before("GetAccountSettings", lambda _: use(world))
    code, found, _ = run("--yes", "--json")
    assert (code, world.versions()) == (0, [1, 3])
    assert found["spared"] == [{"name": "shop-prod-deps:1", "why": "a function refers to it"}]


def test_a_function_version_that_an_alias_takes_meanwhile_stays_with_its_layer(
    world: World, run: Run, before: Before, bucket: S3Client
) -> None:
    world.layer("a", "b")
    world.function(API, [1, 2], latest=2)
    before("GetAccountSettings", lambda _: world.alias(API, 1))
    code, found, err = run("--functions", "--yes", "--json")
    assert (code, world.published(API), world.versions()) == (1, [1, 2], [1, 2])
    assert "shop-prod-api:1 stays: ResourceConflictException: Unable to delete version because" in err
    assert found["spared"] == [{"name": "shop-prod-deps:1", "why": "a function refers to it"}]


def test_a_function_version_that_is_released_meanwhile_stays(
    world: World, run: Run, before: Before, bucket: S3Client
) -> None:
    world.layer("a", "b")
    world.function(API, [1, 2], latest=2)
    key = "releases/api/1.json"
    before("GetAccountSettings", lambda _: put(bucket, key, b""))
    _, out, _ = run("--functions", "--yes")
    assert "shop-prod-api:1 stays: it has come into the ledger\n" in out
    assert world.published(API) == [1, 2]


def test_an_object_that_is_put_anew_meanwhile_stays(
    world: World, run: Run, before: Before, bucket: S3Client
) -> None:
    world.layer("b")
    key = f"layers/deps/{digest('a')}.zip"
    bucket.put_object(Bucket=BUCKET, Key=key, Body=b"old")
    before("GetAccountSettings", lambda _: put(bucket, key, b"new"))
    _, found, _ = run("--objects", "--bucket", BUCKET, "--yes", "--json", "--min-age", "0s")
    assert found["spared"] == [{"name": f"s3://{BUCKET}/{key}", "why": "it was put anew"}]


def test_objects_stay_as_long_as_a_version_that_may_have_them(
    world: World, run: Run, before: Before, bucket: S3Client
) -> None:
    world.layer("a", "b")
    bucket.put_object(Bucket=BUCKET, Key=f"layers/deps/{digest('a')}.zip", Body=b"a")
    before("DeleteLayerVersion", denied(1))
    code, found, _ = run("--objects", "--bucket", BUCKET, "--yes", "--json", "--min-age", "0s")
    assert (code, found["objects"]) == (1, [])
    assert found["spared"][0]["why"] == "versions that may have it stay; run this again"


def test_who_refers_to_what_is_listed_again_when_the_list_is_old(world: World, cloud: Cloud) -> None:
    world.layer("a", "b", "c", "d")
    plan = make_plan(cloud, Asked(LAYER, Rules(0, 2e9 * 2)), SILENT)
    world.calls()
    ticks = iter(range(0, 100 * FRESH, FRESH // 2))
    Deletion(cloud, plan, clock=lambda: next(ticks)).run(SILENT)
    assert world.calls().count("ListFunctions") == 2
    assert world.versions() == []


def test_a_list_that_fails_lets_nothing_go(world: World, run: Run, before: Before) -> None:
    world.layer("a", "b")
    before("ListFunctions", lambda _: (_ for _ in ()).throw(LambdaError("AccessDeniedException", "no")))
    assert run("--yes") == (1, "", "error: the functions of us-west-2: AccessDeniedException: no\n")
    assert world.versions() == [1, 2]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK repeats calls without waiting."""

    def no_delay(*arguments: Any) -> int:
        return 0

    def no_wait(*arguments: Any) -> bool:
        return True

    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", no_delay)
    monkeypatch.setattr("botocore.retries.bucket.TokenBucket.acquire", no_wait)


def throttled(times: int) -> Callable[[dict[str, Any]], None]:
    left = iter(range(times))

    def happen(_: dict[str, Any]) -> None:
        if next(left, None) is not None:
            raise LambdaError("TooManyRequestsException", "Rate exceeded")

    return happen


def test_a_throttled_call_is_repeated(world: World, run: Run, before: Before, at_once: None) -> None:
    world.layer("a", "b", "c")
    before("DeleteLayerVersion", throttled(7))
    assert run("--yes")[0] == 0
    assert world.versions() == [3]
    assert world.calls().count("DeleteLayerVersion") == 9


def test_lasting_throttling_ends_the_run_at_once(
    world: World, run: Run, before: Before, at_once: None
) -> None:
    world.layer("a", "b", "c")
    before("DeleteLayerVersion", throttled(99))
    code, _, err = run("--yes")
    assert (code, world.versions()) == (1, [1, 2, 3])
    assert err.startswith(
        "error: shop-prod-deps:1 stays: TooManyRequestsException: Rate exceeded; wait a while"
    )
    assert "shop-prod-deps:2" not in err
