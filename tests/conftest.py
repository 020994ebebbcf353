"""The order of the tests: the longest stories first, so that no process is left alone with one at the end."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the whole stack's stories first; each file runs in one process, from its first to its last."""
    items.sort(key=lambda item: "tests/stack/" not in item.nodeid)
