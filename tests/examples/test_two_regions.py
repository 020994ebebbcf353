"""Two layers shared by five functions, in each of two regions of the embedded AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.endpoint import environment_of
from tests.world.world import World, within

from .conftest import put

REGIONS = {"west": "us-west-2", "east": "us-east-1"}
FUNCTIONS = {
    "front": ["web"],
    "search": ["web", "data"],
    "ingest": ["data"],
    "report": ["data", "web"],
    "sweep": ["data"],
}


@pytest.fixture(scope="module", name="world")
def deployed(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[World]:
    with within(tmp_path_factory.mktemp("world") / "w", cache) as world:
        put("two-regions", world)
        world.set()
        world.up()
        yield world


def client(world: World, service: Any, place: str) -> Any:
    """A client of one of the regions."""
    variables = environment_of(world.port)
    return boto3.client(
        service,
        region_name=REGIONS[place],
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )


@pytest.mark.parametrize("place", REGIONS)
def test_each_region_has_its_own_functions_on_its_own_layer_versions(world: World, place: str) -> None:
    functions = client(world, "lambda", place)
    found = {
        each["FunctionName"]: [layer["Arn"].split(":")[3::3] for layer in each["Layers"]]
        for each in functions.list_functions()["Functions"]
    }
    named = {"web": f"two-regions-world-{place}-web", "data": f"two-regions-world-{place}-data"}
    assert found == {
        f"two-regions-world-{place}-{name}": [[REGIONS[place], named[each]] for each in layers]
        for name, layers in FUNCTIONS.items()
    }
    assert {each["LayerName"] for each in functions.list_layers()["Layers"]} == set(named.values())


def test_the_same_content_is_in_both_regions(world: World) -> None:
    outputs = json.loads(world.told("output", "--json"))
    assert outputs["west"]["digests"] == outputs["east"]["digests"]
    for layer, digest in outputs["west"]["digests"].items():
        west, east = (
            (world.project / f".lamina/{place}-{layer}-{digest}.zip").read_bytes() for place in REGIONS
        )
        assert west == east


@pytest.mark.parametrize("place", REGIONS)
def test_each_region_keeps_its_layers_in_a_bucket_of_its_own(world: World, place: str) -> None:
    storage = client(world, "s3", place)
    buckets = [each["Name"] for each in storage.list_buckets()["Buckets"]]
    (own,) = [each for each in buckets if each.startswith(f"{place}-artifacts-")]
    where = storage.get_bucket_location(Bucket=own)["LocationConstraint"]
    # Amazon S3 API reference, GetBucketLocation: us-east-1 has none.
    assert where == (None if place == "east" else REGIONS[place])


def test_every_function_is_live_in_its_region_after_its_smoke_test(world: World) -> None:
    for place in REGIONS:
        functions = client(world, "lambda", place)
        for name in FUNCTIONS:
            full = f"two-regions-world-{place}-{name}"
            assert functions.get_alias(FunctionName=full, Name="live")["FunctionVersion"] == "1"


def test_running_it_again_changes_nothing_in_either_region(world: World) -> None:
    world.calls()
    assert "125 unchanged" in world.up()
    assert world.writing_calls() == []
