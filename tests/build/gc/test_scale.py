"""Thousands of versions: as many calls as there are pages, and the same memory as for a tenth of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from local.endpoint import environment_of

from ..test_memory import peak
from .conftest import LAYER, Run, World

FLAT = 4 << 20


def functions(world: World, count: int, *, layers: int = 100) -> None:
    """Functions with ten versions each; every layer version is in use."""
    for number in range(count):
        world.function(f"shop-{number:04}", [number % layers + 1] * 9, latest=layers)


def test_ten_thousand_versions_take_a_call_a_page_and_no_more_memory(world: World) -> None:
    world.layer(*map(str, range(100)))
    command = ["gc", "--layer", LAYER, "--keep", "5"]
    functions(world, 100)
    few = peak(*command, environment=environment_of(world.server.port))
    functions(world, 1000)
    world.calls()
    many = peak(*command, environment=environment_of(world.server.port))
    pages = {"ListFunctions": 200, "ListLayerVersions": 2}
    assert Counter(world.calls()) == {**pages, "GetAccountSettings": 1}
    assert many - few < FLAT, f"{few >> 20} MiB for 1,000 versions, {many >> 20} MiB for 10,000"


def test_only_what_would_go_is_asked_about(world: World, run: Run) -> None:
    world.layer(*map(str, range(120)))
    functions(world, 12, layers=110)
    run(keep=5)
    going = 120 - 5 - 13
    assert Counter(world.calls()) == {
        "ListFunctions": 3,
        "ListLayerVersions": 3,
        "GetLayerVersionPolicy": going,
        "GetLayerVersion": going,
        "GetAccountSettings": 1,
    }


def test_deleting_takes_one_call_for_each_and_one_look_at_the_functions(world: World, run: Run) -> None:
    world.layer(*map(str, range(20)))
    functions(world, 12, layers=10)
    run("--yes", keep=5)
    done = Counter(world.calls())
    assert (done["DeleteLayerVersion"], done["ListFunctions"], done["GetAccountSettings"]) == (5, 6, 2)


def test_the_commands_list_loads_nothing_of_aws() -> None:
    code = (
        "import sys; from build.cli import _parser; "
        "_parser(sys.argv[1:], 'lamina'); "
        "print(*(m for m in sys.modules if m in ('boto3', 'botocore', 'build.gc')))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code, "cache", "info"],
        cwd=root,
        env=os.environ,
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"\n"
