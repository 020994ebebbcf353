"""The record of AWS calls: which operations were called, with what outcome, and whether they write."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import json
import logging
import threading
from dataclasses import dataclass
from typing import Any

LOG = logging.getLogger(__name__)
KEPT = 100_000
# Operations whose names begin so change nothing; everything else is taken to write.
READING = (
    "AssumeRole",
    "Describe",
    "Filter",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Select",
    "Simulate",
    "TestEventPattern",
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        time: when it was answered.
        service: the name that requests are signed for, such as `s3`.
        operation: such as `PutObject`.
        status: of the response; 0 where none was sent.
        writes: whether the operation can change anything.
        fault: the kind of the fault rule that it met, empty where none did.
    """

    time: str
    service: str
    operation: str
    status: int
    writes: bool
    fault: str = ""


class Calls:
    """The calls since the last reset, the oldest ones dropped beyond 100,000; also written to the log."""

    def __init__(self) -> None:
        self._calls: collections.deque[Call] = collections.deque(maxlen=KEPT)
        self._dropped = 0
        self._lock = threading.Lock()

    def add(self, service: str, operation: str, status: int, fault: str = "") -> None:
        """Records a call."""
        time = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        call = Call(time, service, operation, status, not operation.startswith(READING), fault)
        with self._lock:
            self._dropped += len(self._calls) == KEPT
            self._calls.append(call)
        LOG.info("%s", json.dumps(dataclasses.asdict(call)))

    def shown(self) -> dict[str, Any]:
        """Gives `calls`, in order, and how many older ones were `dropped`."""
        with self._lock:
            return {"calls": [dataclasses.asdict(call) for call in self._calls], "dropped": self._dropped}

    def reset(self) -> None:
        """Forgets all calls."""
        with self._lock:
            self._calls.clear()
            self._dropped = 0
