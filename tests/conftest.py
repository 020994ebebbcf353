"""What all tests share: their order, and an event loop that is closed after each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the whole stack's stories first; each file runs in one process, from its first to its last."""
    items.sort(key=lambda item: "tests/stack/" not in item.nodeid)


@pytest.fixture(autouse=True)
def own_event_loop() -> Iterator[None]:
    """Gives a test an event loop, as a main thread has one, and closes the one that it leaves.

    Pulumi's SDK and Mangum take the current loop, make one where there is none, and close neither.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    try:
        left = asyncio.get_event_loop()
    except RuntimeError:
        left = loop
    asyncio.set_event_loop(None)
    left.close()
    loop.close()
