"""The stack's story with the real Pulumi CLI, attached to the stand-in provider."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.world.real import needs_pulumi

from .beginning import *  # noqa: F403  (its tests are collected here, and in this order)
from .changes import *  # noqa: F403
from .end import *  # noqa: F403
from .project import Project

needs_pulumi(__name__)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project.copied_to(tmp_path_factory.mktemp("project"), "pulumi")
    try:
        yield project
    finally:
        project.run("teardown", check=False)
