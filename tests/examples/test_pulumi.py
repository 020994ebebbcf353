"""The example in two regions, deployed by the real CLI through the stand-in provider."""

from __future__ import annotations

import sys
from pathlib import Path

import boto3

from local.endpoint import environment_of
from tests.world.real import needs_pulumi, pulumi
from tests.world.world import STACK, World, within

from .conftest import put

needs_pulumi(__name__)


def functions_in(world: World, region: str) -> set[str]:
    variables = environment_of(world.port)
    client = boto3.client(
        "lambda",
        region_name=region,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )
    return {each["FunctionName"] for each in client.list_functions()["Functions"]}


def test_the_real_cli_deploys_both_regions_and_then_sees_no_change(tmp_path: Path, cache: Path) -> None:
    # Where the example's Pulumi.yaml looks for it.
    (tmp_path / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    with within(tmp_path / "w", cache) as world:
        put("two-regions", world)
        world.set()
        pulumi(world, "stack", "init", STACK)
        pulumi(world, "up", "--stack", STACK, "--yes", "--skip-preview")
        for place, region in {"west": "us-west-2", "east": "us-east-1"}.items():
            found = functions_in(world, region)
            assert len(found) == 5
            assert all(each.startswith(f"two-regions-world-{place}-") for each in found)
        assert "125 unchanged" in pulumi(world, "preview", "--stack", STACK, "--expect-no-changes").stdout
