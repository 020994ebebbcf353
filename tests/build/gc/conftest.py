"""The embedded AWS with layers and functions of any age, put straight into its store."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from build.cli import main
from build.gc.cloud import Cloud
from local.aws.server import Server, serve
from local.endpoint import environment_of
from local.functions.archives import Archive
from local.functions.records import Alias, Configuration, Function, Layer, LayerVersion, Version
from local.functions.store import Region
from tests.local.conftest import ACCOUNT, REGION, client_of

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client

LAYER = "shop-prod-deps"
BUCKET = "artifacts-1"
TAGS = {"lamina:stack": "shop/prod", "lamina:ledger": BUCKET}
Run = Callable[..., tuple[int, Any, str]]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def archive(text: str, size: int = 1000) -> Archive:
    """An archive that nobody reads."""
    return Archive(Path("none"), digest(text), size, size)


@dataclass(frozen=True, slots=True)
class World:
    """One region of the embedded AWS."""

    server: Server
    region: Region

    def layer(self, *contents: str, name: str = LAYER, days: float = 9, size: int = 1000) -> None:
        """Publishes a version for each content, so many days ago."""
        arn = self.region.place.layer_arn(name)
        layer = self.region.layers.setdefault(name, Layer(name))
        for content in contents:
            layer.last_number += 1
            layer.versions[layer.last_number] = LayerVersion(
                arn=f"{arn}:{layer.last_number}",
                layer_arn=arn,
                number=layer.last_number,
                archive=archive(content, size),
                created=dt.datetime.now(dt.UTC) - dt.timedelta(days=days),
                description=digest(content),
            )

    def function(
        self,
        name: str,
        versions: Sequence[int | None],
        *,
        latest: int | None = None,
        code: Archive | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Function:
        """Makes a function with a published version for each given version of the layer."""
        own = {**TAGS, "lamina:function": name.rpartition("-")[2]} if tags is None else tags
        function = Function(
            name=name,
            arn=self.region.place.function_arn(name),
            latest=self._version("$LATEST", latest, code or archive(f"{name} latest")),
            tags=dict(own),
        )
        self.region.functions[name] = function
        for layer in versions:
            self.publish(name, layer)
        return function

    def publish(self, name: str, layer: int | None = None, *, days: float = 9, code: str = "") -> None:
        function = self.region.functions[name]
        function.last_number += 1
        number = function.last_number
        found = archive(code or f"{name} {number}")
        function.versions[number] = self._version(str(number), layer, found, days)

    def alias(self, name: str, version: int, **weights: float) -> None:
        shares = {number.removeprefix("v"): share for number, share in weights.items()}
        function = self.region.functions[name]
        function.aliases["live"] = Alias(name="live", version=str(version), weights=shares, revision_id="1")

    def calls(self) -> list[str]:
        """What was asked since the last time."""
        done = [str(call["operation"]) for call in self.server.calls.shown()["calls"]]
        self.server.calls.reset()
        return done

    def versions(self, name: str = LAYER) -> list[int]:
        return sorted(self.region.layers[name].versions)

    def published(self, name: str) -> list[int]:
        return sorted(self.region.functions[name].versions)

    def _version(self, number: str, layer: int | None, code: Archive, days: float = 9) -> Version:
        then = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
        layers = () if layer is None else (self.region.layers[LAYER].versions[layer],)
        configuration = Configuration(
            runtime="python3.12", handler="main.handler", role=f"arn:aws:iam::{ACCOUNT}:role/r", layers=layers
        )
        return Version(
            number=number,
            code=code,
            configuration=configuration,
            modified=then,
            deployment=number,
            usable_from=then,
            settled_from=then,
            revision_ids=("1", "2"),
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("cloud"), managed_policies=False) as server:
        yield server


@pytest.fixture
def world(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The embedded AWS, which the environment names, with nothing in it."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name, value in environment_of(server.port).items():
        monkeypatch.setenv(name, value)
    region = server.service._store.region(REGION)
    server.calls.reset()
    yield World(server, region)
    for kept in (region.layers, region.functions, region.mappings):
        cast("dict[str, Any]", kept).clear()


@pytest.fixture(scope="module")
def lambda_client(server: Server) -> LambdaClient:
    return cast("LambdaClient", client_of(server, "lambda"))


@pytest.fixture(scope="module")
def s3(server: Server) -> S3Client:
    return cast("S3Client", client_of(server, "s3"))


@pytest.fixture
def bucket(world: World, s3: S3Client) -> Iterator[S3Client]:
    """The artifacts bucket, versioned and empty."""
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    world.calls()
    yield s3
    kept = s3.list_object_versions(Bucket=BUCKET)
    for each in [*kept.get("Versions", ()), *kept.get("DeleteMarkers", ())]:
        s3.delete_object(Bucket=BUCKET, Key=each["Key"], VersionId=each["VersionId"])
    s3.delete_bucket(Bucket=BUCKET)


@pytest.fixture(scope="module")
def cloud() -> Cloud:
    """One for all runs of a file: to make clients takes longer than to use them."""
    return Cloud(region=REGION)


@pytest.fixture
def run(
    world: World, cloud: Cloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs the command; what it answers is read where it is JSON."""

    def connected(*, region: str | None, profile: str | None) -> Cloud:
        return cloud if region is profile is None else Cloud(region=region, profile=profile)

    monkeypatch.setattr("build.gc.cloud.Cloud", connected)

    def run(*arguments: str, keep: int = 1, layer: str = LAYER) -> tuple[int, Any, str]:
        code = main(["gc", "--layer", layer, "--keep", str(keep), *arguments])
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in arguments and out else out, err

    return run


def numbers(found: Any, kind: str = "layerVersions") -> list[int]:
    return [each["version"] for each in found[kind]]
