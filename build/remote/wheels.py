"""Wheels of the remote cache: looked for by their SHA-256, and hashed again when they come."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ..progress import Stage


class RemoteWheels(Protocol):
    """Where wheels may be before an index is asked for them."""

    def fetch(self, sha256: str, target: Path, stage: Stage) -> bool:
        """Writes a wheel into a file, if it is there and its bytes have that hash.

        Args:
            sha256: of the wheel.
            target: a file that may be overwritten.
            stage: is told how many bytes came.

        Returns:
            Whether it did; what came that is not the wheel is told, and is not used.
        """
