"""The scenarios: what of a release breaks, and how."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SAVE = "engine:SaveState"
EVERY = "*"
# Faults of one call, as rules of the embedded AWS (`local/aws/faults.py`).
RULES: Mapping[str, dict[str, Any]] = {
    "refused": {"kind": "error"},
    "throttled": {"kind": "throttling"},
    "5xx": {"kind": "unavailable"},
    "dropped": {"kind": "dropped"},
    "reply lost": {"kind": "lost"},
    "delayed": {"kind": "delay", "seconds": 0.2},
    "outage": {"kind": "unavailable", "times": 0},
    "AWS died": {"kind": "death", "after": True},
}
# What an SDK's next try is expected to get over, so that the release succeeds.
SURVIVED = frozenset({"throttled", "5xx", "dropped", "reply lost", "delayed"})
# While one call's answer is awaited, its effect having taken place, a process gets a signal.
SIGNALS = ("engine killed", "provider killed", "interrupted")
FAULTS = (*RULES, *SIGNALS)


@dataclass(frozen=True, slots=True)
class Call:
    """One AWS call of a clean release.

    Attributes:
        operation: `service:Operation`.
        nth: which call of that operation it is, from 1.
        writes: whether it can change anything.
    """

    operation: str
    nth: int
    writes: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    """One fault of one release.

    Attributes:
        operation: `service:Operation` of the call, `*` for every call's first try, or `engine:SaveState`.
        nth: which of its calls, or saves.
        fault: one of `FAULTS`.
        refreshing: whether the call belongs to the refresh before the release.
    """

    operation: str
    nth: int
    fault: str
    refreshing: bool = False

    def __str__(self) -> str:
        return f"{self.operation}#{self.nth} {self.fault}"


def in_order(recorded: Sequence[Mapping[str, Any]]) -> list[Call]:
    """The calls of a record (`/_lamina/calls`), numbered by operation."""
    counts: Counter[str] = Counter()
    calls = []
    for each in recorded:
        operation = f"{each['service']}:{each['operation']}"
        counts[operation] += 1
        calls.append(Call(operation, counts[operation], bool(each["writes"])))
    return calls


def scenarios(refresh: Sequence[Call], release: Sequence[Call], saves: int) -> list[Scenario]:
    """All scenarios of a release.

    A reading call that is tried again changes nothing that another one could tell, so these share a run a
    fault, in which every call's first try fails. A call of the refresh that is refused for good ends the
    run before anything is changed; each of them is tried.

    Args:
        refresh: the calls of the refresh before it.
        release: the calls of the release itself.
        saves: how often the engine saves its state meanwhile.

    Returns:
        The scenarios, mixed, so that any part of them has some of every kind; always in the same order.
    """
    every = [Scenario(EVERY, 1, fault) for fault in sorted(SURVIVED)]
    every += [
        Scenario(each.operation, each.nth, fault) for each in release if each.writes for fault in FAULTS
    ]
    every += [Scenario(each.operation, each.nth, "refused") for each in release if not each.writes]
    every += [Scenario(each.operation, each.nth, "refused", refreshing=True) for each in refresh]
    every += [Scenario(SAVE, number, "engine killed") for number in range(1, saves + 1)]
    return sorted(every, key=_mixed)


def _mixed(scenario: Scenario) -> bytes:
    return hashlib.sha256(repr(scenario).encode()).digest()
