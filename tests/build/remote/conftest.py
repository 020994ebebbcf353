"""The embedded AWS with a bucket, an index, and runners: each with a cache and an output of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from build.cache import Cache
from build.layer import build_layer
from build.remote.cache import RemoteCache
from build.target import Target
from build.tree.manifest import BuiltLayer
from local.aws.server import Server, serve
from local.endpoint import environment_of
from tests.local.conftest import client_of

from ..index_fixtures import Lock
from ..index_server import Index

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

NAME = "ci-cache"
URL = f"s3://{NAME}/lamina"
Run = Callable[..., BuiltLayer]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The embedded AWS; tests leave it as empty as they find it."""
    with serve(tmp_path_factory.mktemp("cloud"), managed_policies=False) as server:
        yield server


@pytest.fixture
def cloud(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The embedded AWS, which the environment names."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name, value in environment_of(server.port).items():
        monkeypatch.setenv(name, value)
    server.calls.reset()
    return server


@pytest.fixture(scope="module")
def client(server: Server) -> S3Client:
    """What tests look into the bucket with."""
    return cast("S3Client", client_of(server, "s3"))


@pytest.fixture
def s3(cloud: Server, client: S3Client) -> Iterator[S3Client]:
    """A bucket, empty and gone afterwards."""
    client.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    cloud.calls.reset()
    yield client
    client.delete_bucket_policy(Bucket=NAME)
    for key in keys(client):
        client.delete_object(Bucket=NAME, Key=key)
    client.delete_bucket(Bucket=NAME)


@pytest.fixture
def found(index: Index, lock: Lock) -> Path:
    files = [index.wheel("alpha", "1.0", text="a" * 5000), index.wheel("beta", "2.0")]
    return lock(
        *(
            f"{name} --hash=sha256:{file.sha256}"
            for name, file in zip(("alpha==1.0", "beta==2.0"), files, strict=True)
        )
    )


@pytest.fixture
def run(tmp_path: Path, found: Path, target: Target) -> Run:
    """A build on a runner of its own, cold unless `place` is one that was used before.

    Runners of one test share a connection, unless `remote` is given: to make one takes longer than a build.
    """
    numbers = itertools.count()
    shared = RemoteCache(URL)

    def run(
        remote: RemoteCache | None = None, *, place: Path | None = None, lock: Path = found, **more: object
    ) -> BuiltLayer:
        place = place or tmp_path / f"runner{next(numbers)}"
        return build_layer(
            lock,
            target=target,
            name="deps",
            output=place / "out",
            cache=Cache(place / "cache"),
            remote=remote or shared,
            **more,  # type: ignore[arg-type]
        )

    return run


def operations(cloud: Server) -> list[str]:
    """What was asked of S3 since the last time."""
    done = [f"{call['operation']} {call['status']}" for call in cloud.calls.shown()["calls"]]
    cloud.calls.reset()
    return done


def keys(s3: S3Client) -> list[str]:
    """The objects of the bucket."""
    return sorted(each["Key"] for each in s3.list_objects_v2(Bucket=NAME).get("Contents", ()))
