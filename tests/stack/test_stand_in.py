"""The stack's story with the stand-in engine, as on a machine without Pulumi."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .beginning import *  # noqa: F403  (its tests are collected here, and in this order)
from .end import *  # noqa: F403
from .project import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project.copied_to(tmp_path_factory.mktemp("project"), "stand-in")
    try:
        yield project
    finally:
        project.run("teardown", check=False)
