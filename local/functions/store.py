"""Regions and what each knows: layers, functions and mappings.

Everything is in memory and goes with the process. Whoever reads or writes it holds the store's lock.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from .archives import Archives
from .clock import Clock
from .names import Place
from .records import Function, Layer, Mapped


@dataclass(slots=True)
class Region:
    """One region, and what the operations on it need."""

    place: Place
    tools: Tools
    layers: dict[str, Layer] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    # By name, of functions that were deleted: numbers of versions are never used again, whoever takes the
    # name (AWS Lambda Developer Guide, "Introduction to AWS Lambda Versioning").
    last_numbers: dict[str, int] = field(default_factory=dict)
    mappings: dict[str, Mapped] = field(default_factory=dict)

    def code_size(self) -> int:
        """The bytes of code storage in use: every version of every function and layer counts."""
        layers = (version.archive for layer in self.layers.values() for version in layer.versions.values())
        versions = (
            version.code for function in self.functions.values() for version in function.all_versions()
        )
        return sum(archive.size for archive in [*layers, *versions])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What is injected: clock, ids, archives, how long changes take, who hears of deployments that end."""

    archives: Archives
    clock: Clock
    new_id: Callable[[], str]
    delay: dt.timedelta
    forget: Callable[[str], None]


class Store:
    """All regions of the one account.

    Args:
        tools: for the regions' operations.
        place_of: gives a region's account and partition.
    """

    def __init__(self, tools: Tools, place_of: Callable[[str], Place]) -> None:
        self.lock = threading.RLock()
        self._tools = tools
        self._place_of = place_of
        self._regions: dict[str, Region] = {}

    def region(self, name: str) -> Region:
        """Gives a region, empty if nothing is in it yet."""
        with self.lock:
            if name not in self._regions:
                self._regions[name] = Region(self._place_of(name), self._tools)
            return self._regions[name]

    def regions(self) -> list[Region]:
        """Every region that was ever used."""
        with self.lock:
            return list(self._regions.values())
