"""One world for the scenarios of a test run, each starting where the one before it ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world.processes import zygote

from .chamber import Chamber, chamber


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chamber]:
    """A stack that is deployed, and the pictures of clean releases."""
    folder: Path = tmp_path_factory.mktemp("chaos")
    with zygote(), chamber(folder / "world") as made:
        yield made
