"""Examples in small worlds: the processes of those, and wheels in place of what the locks name."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator

import pytest

from tests.build.wheelhouse import make_wheel
from tests.world.conftest import cache
from tests.world.processes import ROOT, VARIABLE, zygote
from tests.world.world import World

__all__ = ["cache"]
EXAMPLES = ROOT / "examples"
# What the examples' functions use of the packages in their locks.
_ISODATE = b"import datetime\n\nparse_date = datetime.date.fromisoformat\n"
_WHEELS = {
    "jinja2": {"jinja2/__init__.py": b""},
    "isodate": {"isodate/__init__.py": _ISODATE},
}


@pytest.fixture(scope="session", autouse=True)
def forking() -> Iterator[None]:
    """What the worlds' processes are forked from, unless other tests of this process have it already."""
    with contextlib.nullcontext() if VARIABLE in os.environ else zygote():
        yield


def put(example: str, world: World) -> None:
    """Lays an example's files where the world's project is, with wheels in place of what its locks name."""
    shutil.rmtree(world.project)
    ignored = shutil.ignore_patterns("Pulumi.*.yaml", ".lamina", ".local", "sdks")
    shutil.copytree(EXAMPLES / example, world.project, ignore=ignored)
    for name, files in _WHEELS.items():
        make_wheel(world.folder / "wheels", name, "1.0", files)
    for lock in [*world.project.glob("layers/*.txt"), *world.project.glob("requirements.txt")]:
        wanted = lock.with_suffix(".in").read_text("utf-8").split()
        lock.write_text("".join(f"{each}==1.0\n" for each in wanted))
