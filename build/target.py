"""The target: one value from which the runtime's name, wheel tags, marker environment and glibc follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .errors import UserError

Architecture = Literal["x86_64", "arm64"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a layer is built for.

    Attributes:
        python: `major.minor`, such as `3.12`.
        architecture: as Lambda names it, `x86_64` or `arm64`.
    """

    python: str
    architecture: Architecture

    @property
    def runtime(self) -> str:
        """Lambda's name of the runtime, such as `python3.12`."""
        return f"python{self.python}"
