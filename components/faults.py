"""How the faults of build/ reach the person at the terminal: as one line of the Pulumi run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pulumi

from build.errors import LaminaError


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turns a LaminaError into Pulumi's RunError, which the language host prints without a traceback.

    Raises:
        pulumi.RunError: with the message of the LaminaError that was raised inside.
    """
    try:
        yield
    except LaminaError as error:
        raise pulumi.RunError(str(error)) from None
