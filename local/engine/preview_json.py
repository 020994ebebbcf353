"""A preview as one JSON object, in the schema of `pulumi preview --json` (pkg/backend/display)."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from typing import Any

from .events import Event, LogEvent, StepEvent
from .plan import Op
from .project import Settings
from .run import Outcome
from .state import Resource
from .urn import STACK_TYPE, is_default_provider
from .values import MASK, Properties, masked

# The CLI lists each resource that it refreshes as the state had it, and nothing of what it found; that is the
# old state of the step that follows.
_UNLISTED = {"create-replacement", "delete-replaced", "drift", "gone"}


class Digest:
    """Collects a preview's events."""

    def __init__(self, settings: Settings) -> None:
        """Takes the stack's settings, which a digest shows without their secrets."""
        self._settings = settings
        self._lock = threading.Lock()
        self._steps: list[Properties] = []
        self._diagnostics: list[Properties] = []
        self._counts: Counter[str] = Counter()

    def tell(self, event: Event) -> None:
        """Takes one event; any thread may call it."""
        with self._lock:
            if isinstance(event, LogEvent):
                if event.severity == "debug":
                    return
                self._diagnostics.append(
                    {
                        "message": event.message,
                        "severity": event.severity,
                        **({"urn": event.urn} if event.urn else {}),
                    }
                )
            elif event.done and not event.failed and not is_default_provider(event.urn):
                self._take(event)

    def as_json(self, outcome: Outcome) -> Properties:
        """The digest."""
        secret = set(self._settings.secret_keys)
        config = {
            key: MASK if key in secret else value for key, value in sorted(self._settings.values.items())
        }
        digest: Properties = {
            "config": config,
            "steps": self._steps,
            "duration": round(outcome.seconds * 1e9),
            "changeSummary": dict(sorted(self._counts.items())),
        }
        if self._diagnostics:
            digest["diagnostics"] = self._diagnostics
        return digest

    def _take(self, event: StepEvent) -> None:
        if event.label in _UNLISTED:
            return
        if event.op not in {Op.REFRESH, Op.READ}:
            self._counts[event.op.value] += 1
        # Of what stays the same the CLI lists the stack, and what begins or ceases to be protected.
        if event.op is Op.SAME and event.type != STACK_TYPE and not event.changes_protection:
            return
        self._steps.append(_step(event))


def _step(event: StepEvent) -> Properties:
    resource = event.new or event.old
    step: dict[str, Any] = {"op": event.op.value, "urn": event.urn}
    if resource is not None and resource.provider:
        step["provider"] = resource.provider
    if event.old is not None:
        step["oldState"] = _shown(event.old)
    if event.op is Op.REFRESH:
        step["newState"] = step["oldState"]
    elif event.new is not None:
        # A replacement that comes first was made, as far as a preview makes things; all else is yet to be.
        known = event.new.outputs if event.op is Op.REPLACE and not event.difference.delete_first else {}
        made = event.new.id if event.op is Op.READ else ""
        step["newState"] = _shown(replace(event.new, id=made, outputs=known))
    if event.difference.keys:
        step["diffReasons"] = list(event.difference.keys)
    if event.op is Op.REPLACE:
        step["replaceReasons"] = list(event.difference.replaces)
    step["detailedDiff"] = event.difference.detailed or None
    return step


def _shown(resource: Resource) -> Properties:
    shown: Properties = masked(replace(resource, created="", modified="").as_json())
    return shown
