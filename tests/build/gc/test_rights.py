"""The documented rights of whoever cleans up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.local.conftest import client_of
from tests.world.deployer import rights, rights_of

from .conftest import BUCKET, Run, World, digest

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# What is called only to name layers that are like one that is not there, and beside an unused artifact.
SELDOM = {"lambda:ListLayers"}


def test_the_documented_rights_are_those_that_a_run_needs_and_no_others(
    world: World, run: Run, bucket: S3Client
) -> None:
    world.layer("a", "b")
    world.function("shop-prod-api", [2, 2], latest=2)
    client_of(world.server, "apigatewayv2").create_api(
        Name="api-1", ProtocolType="HTTP", Tags={"lamina:stack": "shop/prod"}
    )
    for key in (f"layers/deps/{digest('gone')}.zip", f"code/api/{digest('gone')}.zip"):
        bucket.put_object(Bucket=BUCKET, Key=key, Body=b"?" * 1000)
    world.calls()
    asked = ("--functions", "--objects", "--apis", "--min-age", "0s", "--json")
    planned = run(*asked)[1]
    assert all(planned[kind] for kind in ("layerVersions", "functionVersions", "objects", "apis"))
    looked = rights_of(world.server.calls.shown()["calls"])
    assert looked | SELDOM == rights("Collect", of="operator")
    world.calls()
    assert run(*asked, "--yes")[1]["failures"] == []
    assert rights_of(world.server.calls.shown()["calls"]) - looked == rights("Delete", of="operator")
