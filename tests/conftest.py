"""What all tests share: their order, and an event loop that is closed after each."""

from __future__ import annotations

import asyncio
import os
import signal
import warnings
from collections.abc import Iterator

import pytest
from hypothesis import settings

# On a machine that others use, too, any one example may take long.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Programs that tests rewrite within one second would be taken from the bytecode of the text before.
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
# A shell's background jobs ignore Ctrl-C, and so would all that they start: whoever sends it wants it heard.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the whole stack's stories first; each file runs in one process, from its first to its last."""
    items.sort(key=lambda item: "tests/stack/" not in item.nodeid)


def pytest_collection_finish() -> None:
    """Closes the loop that an imported module may have made: the first to run another would lose it."""
    _close_current()


@pytest.fixture(autouse=True)
def own_event_loop() -> Iterator[None]:
    """Gives a test an event loop, as a main thread has one, and closes the one that it leaves.

    Pulumi's SDK and Mangum take the current loop, make one where there is none, and close neither.
    """
    _close_current()
    own = asyncio.new_event_loop()
    asyncio.set_event_loop(own)
    yield
    _close_current()
    own.close()


def _close_current() -> None:
    with warnings.catch_warnings():
        # Asking where there is none makes one, or warns that it some day will not.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            left = asyncio.get_event_loop()
        except RuntimeError:
            return
    asyncio.set_event_loop(None)
    left.close()
