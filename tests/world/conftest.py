"""What all worlds of a test run share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .processes import zygote


@pytest.fixture(scope="session", autouse=True)
def forking() -> Iterator[None]:
    """What the worlds' processes are forked from."""
    with zygote():
        yield
