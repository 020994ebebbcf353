"""`--objects`: which artifacts go, and how they can be brought back."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.functions.archives import Archive

from .conftest import BUCKET, LAYER, Run, World, digest

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

API = "shop-prod-api"
OLD = ("--min-age", "0s")
CODE = b"the code of a version"


@pytest.fixture
def shop(world: World, bucket: S3Client) -> World:
    """A layer with the contents a and b, and a function that runs `CODE` with b."""
    world.layer("a", "b")
    world.function(API, [2], latest=2, code=code_of(CODE))
    return world


def code_of(content: bytes) -> Archive:
    return Archive(Path("none"), digest(content.decode()), len(content), len(content))


def put(bucket: S3Client, key: str, content: bytes = b"x") -> str:
    bucket.put_object(Bucket=BUCKET, Key=key, Body=content)
    return key


def keys(bucket: S3Client) -> list[str]:
    return sorted(each["Key"] for each in bucket.list_objects_v2(Bucket=BUCKET).get("Contents", ()))


def test_a_layers_object_goes_with_its_last_version(shop: World, run: Run, bucket: S3Client) -> None:
    gone, going, used = (put(bucket, f"layers/deps/{digest(each)}.zip") for each in "zab")
    _, found, _ = run("--objects", "--yes", "--json", *OLD)
    assert [each["key"] for each in found["objects"]] == sorted([gone, going])
    assert keys(bucket) == [used]
    assert found["staying"]["objects"] == {"in use by a version": 1}


def test_what_another_layer_has_stays(shop: World, run: Run, bucket: S3Client) -> None:
    shop.layer("z", name="shop-prod-more")
    used = put(bucket, f"layers/more/{digest('z')}.zip")
    run("--objects", "--yes", *OLD)
    assert keys(bucket) == [used]


@pytest.mark.parametrize(
    ("content", "stays", "reads"),
    [(CODE, True, 1), (b"x" * len(CODE), False, 1), (b"of another size", False, 0)],
    ids=["the same", "of the same size", "of another size"],
)
def test_code_stays_that_a_version_runs(
    shop: World, run: Run, bucket: S3Client, content: bytes, stays: bool, reads: int
) -> None:
    key = put(bucket, f"code/api/{digest('the content')}.zip", content)
    shop.calls()
    run("--objects", "--yes", *OLD)
    assert shop.calls().count("GetObject") == reads
    assert keys(bucket) == ([key] if stays else [])


def test_code_goes_with_the_function_version_that_alone_had_it(
    shop: World, run: Run, bucket: S3Client
) -> None:
    versions = shop.region.functions[API].versions
    versions[1] = dataclasses.replace(versions[1], code=code_of(b"old code"))
    shop.publish(API, 2)
    key = put(bucket, f"code/api/{digest('the content')}.zip", b"old code")
    run("--objects", "--yes", *OLD)
    assert keys(bucket) == [key]
    run("--objects", "--functions", "--yes", *OLD)
    assert (shop.published(API), keys(bucket)) == ([2], [])


def test_the_ledger_and_what_is_not_ours_are_never_touched(shop: World, run: Run, bucket: S3Client) -> None:
    others = ["layers/deps/notes.txt", "other.zip", "releases/api/1.json", "releases/api=1.json"]
    for key in others:
        put(bucket, key)
    assert run("--objects", "--yes", *OLD)[0] == 0
    assert keys(bucket) == others


def test_what_was_put_a_while_ago_only_stays(shop: World, run: Run, bucket: S3Client) -> None:
    key = put(bucket, f"layers/deps/{digest('z')}.zip")
    _, found, _ = run("--objects", "--yes", "--json")
    assert (keys(bucket), found["staying"]["objects"]) == ([key], {"younger than --min-age": 1})


def test_what_is_deleted_can_be_brought_back(shop: World, run: Run, bucket: S3Client) -> None:
    key = put(bucket, f"layers/deps/{digest('z')}.zip", b"z" * 2000)
    _, out, _ = run("--objects", "--yes", *OLD)
    assert "1 object of s3://artifacts-1, 2.0 kB, is hidden behind delete markers" in out
    (marker,) = bucket.list_object_versions(Bucket=BUCKET)["DeleteMarkers"]
    bucket.delete_object(Bucket=BUCKET, Key=key, VersionId=marker["VersionId"])
    assert keys(bucket) == [key]


def test_objects_are_no_part_of_the_regions_code_storage(shop: World, run: Run, bucket: S3Client) -> None:
    put(bucket, f"layers/deps/{digest('z')}.zip", b"z" * 2000)
    _, found, _ = run("--objects", "--json", *OLD)
    assert found["storage"]["freed"] == sum(each["bytes"] for each in found["layerVersions"]) == 1000


def test_where_no_tag_names_the_bucket_it_can_be_given(shop: World, run: Run, bucket: S3Client) -> None:
    shop.region.functions[API].tags = {}
    code, _, err = run("--objects")
    told = (
        f"--objects: no function with the layer {LAYER} has the tag lamina:ledger, which names the artifacts"
    )
    assert (code, err) == (2, f"error: {told} bucket; name it with --bucket\n")
    put(bucket, f"layers/deps/{digest('z')}.zip")
    assert run("--objects", "--bucket", BUCKET, "--yes", *OLD)[0] == 0
    assert keys(bucket) == []
