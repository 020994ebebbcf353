"""`--functions`: which function versions go, and what holds one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from build.gc.ledger import named_by
from local.functions.records import EventInvoke, Mapped, Policy, Provisioned

from .conftest import BUCKET, LAYER, Run, World, numbers

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

API = "shop-prod-api"


@pytest.fixture
def shop(world: World, bucket: S3Client) -> World:
    """A function whose versions 1, 3 and 4 were released; 4 is live, and 5 is the newest."""
    world.layer("a", "b", "c")
    world.function(API, [1, 1, 2, 3, 3], latest=3)
    world.alias(API, 4)
    for number in (1, 3, 4):
        bucket.put_object(Bucket=BUCKET, Key=f"releases/api/{number}.json", Body=b"{}")
    world.calls()
    return world


def test_what_is_neither_live_nor_released_goes_beyond_the_newest(shop: World, run: Run) -> None:
    _, found, _ = run("--functions", "--yes", "--json")
    assert numbers(found, "functionVersions") == [2]
    assert shop.published(API) == [1, 3, 4, 5]
    assert found["staying"]["function versions"] == {"among the newest": 1, "in the ledger of releases": 3}


def test_without_the_option_no_function_version_goes(shop: World, run: Run) -> None:
    assert numbers(run("--yes", "--json", keep=0)[1], "functionVersions") == []
    assert shop.published(API) == [1, 2, 3, 4, 5]


def test_latest_stays_even_if_nothing_else_does(world: World, run: Run, bucket: S3Client) -> None:
    world.layer("a")
    world.function(API, [1, 1], latest=1)
    assert run("--functions", "--yes", keep=0)[0] == 0
    assert (world.published(API), world.region.functions[API].latest.number) == ([], "$LATEST")
    assert world.versions() == [1]


def test_a_layer_version_goes_with_the_function_versions_that_alone_had_it(
    world: World, run: Run, bucket: S3Client
) -> None:
    world.layer("a", "b", "c")
    world.function(API, [1, 2, 3], latest=3)
    world.alias(API, 2)
    _, found, _ = run("--functions", "--yes", "--json")
    assert (numbers(found, "functionVersions"), numbers(found)) == ([1], [1])
    assert world.versions() == [2, 3]


def test_a_set_of_versions_in_the_ledger_holds_each_of_them(shop: World, run: Run, bucket: S3Client) -> None:
    bucket.put_object(Bucket=BUCKET, Key="releases/api=2,worker=7.json", Body=b"{}")
    _, found, _ = run("--functions", "--json")
    assert numbers(found, "functionVersions") == []


@pytest.mark.parametrize(
    ("key", "versions"),
    [
        ("releases/api/41.json", [("api", 41)]),
        ("releases/api=5,clean-up=12.json", [("api", 5), ("clean-up", 12)]),
        ("releases/api/latest.json", []),
        ("releases/readme.txt", []),
    ],
)
def test_the_ledgers_keys_name_versions(key: str, versions: list[tuple[str, int]]) -> None:
    assert named_by(key) == versions


def allow(world: World) -> None:
    world.region.functions[API].policies["2"] = Policy({"s": {"Effect": "Allow"}})


def configure(world: World) -> None:
    now = world.region.tools.clock()
    world.region.functions[API].event_invokes["2"] = EventInvoke(modified=now)


def provision(world: World) -> None:
    now = world.region.tools.clock()
    world.region.functions[API].provisioned["2"] = Provisioned(requested=1, modified=now, ready_from=now)


def weigh(world: World) -> None:
    world.alias(API, 4, v2=0.1)


def map_(world: World) -> None:
    now = world.region.tools.clock()
    world.region.mappings["u"] = Mapped(
        uuid="u",
        function=API,
        qualifier="2",
        source_arn="arn:aws:sqs:us-west-2:123456789012:q",
        enabled=False,
        batch_size=10,
        window=0,
        response_types=(),
        concurrency=None,
        metrics=(),
        modified=now,
        settled_from=now,
        changing="Creating",
    )


@pytest.mark.parametrize(
    ("hold", "reason"),
    [
        (allow, "with a policy that lets somebody call it"),
        (configure, "with a configuration of asynchronous invocations"),
        (map_, "called by an event source mapping"),
        (provision, "with provisioned concurrency"),
        (weigh, "pointed to by an alias"),
    ],
)
def test_what_is_called_directly_stays(
    shop: World, run: Run, hold: Callable[[World], None], reason: str
) -> None:
    hold(shop)
    _, found, _ = run("--functions", "--yes", "--json")
    assert found["staying"]["function versions"][reason] == 1
    assert 2 in shop.published(API)


def test_a_young_version_stays(shop: World, run: Run) -> None:
    shop.publish(API, 3, days=0.1)
    shop.publish(API, 3)
    _, found, _ = run("--functions", "--json")
    assert numbers(found, "functionVersions") == [2, 5]
    assert found["staying"]["function versions"]["younger than --min-age"] == 1


@pytest.mark.parametrize("tags", [{}, {"lamina:stack": "shop/prod"}], ids=["none", "some"])
def test_functions_without_the_stacks_tags_are_left_alone(
    shop: World, run: Run, tags: dict[str, str]
) -> None:
    shop.region.functions[API].tags = tags
    _, found, _ = run("--functions", "--json")
    assert numbers(found, "functionVersions") == []
    reason = "of a function without the tags lamina:stack, lamina:function and lamina:ledger"
    assert found["staying"]["function versions"][reason] == 4


def test_functions_that_never_had_the_layer_are_left_alone(shop: World, run: Run) -> None:
    shop.function("shop-prod-other", [None, None])
    run("--functions", "--yes", keep=0)
    assert shop.published("shop-prod-other") == [1, 2]


def test_a_ledger_that_cannot_be_read_lets_nothing_go(shop: World, run: Run) -> None:
    shop.region.functions[API].tags["lamina:ledger"] = "gone"
    code, out, err = run("--functions", "--yes", keep=0)
    assert (code, out) == (1, "")
    assert err == "error: the bucket gone: NoSuchBucket: The specified bucket does not exist\n"
    assert shop.versions(LAYER) == [1, 2, 3]
