"""What a person sees of a run: a line a step, then diagnostics, outputs and counts, as Pulumi shows them."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from typing import Any, TextIO

from .details import drift_lines, property_lines, value_text
from .events import Event, LogEvent, StepEvent
from .plan import Op
from .run import Outcome
from .urn import STACK_TYPE, is_default_provider, parse, short_type
from .values import masked

_SIGNS = {
    "same": "   ",
    "create": " + ",
    "update": " ~ ",
    "delete": " - ",
    "replace": " +-",
    "create-replacement": " ++",
    "delete-replaced": " --",
    "read": " > ",
    "import": " = ",
    "drift": " ~ ",
    "gone": " - ",
}
_WORDS = {
    "same": ("", "unchanged", "unchanged"),
    "create": ("creating", "created", "create"),
    "update": ("updating", "updated", "update"),
    "delete": ("deleting", "deleted", "delete"),
    "replace": ("replacing", "replaced", "replace"),
    "create-replacement": ("creating replacement", "created replacement", "create replacement"),
    "delete-replaced": ("deleting original", "deleted original", "delete original"),
    "read": ("reading", "read", "read"),
    "import": ("importing", "imported", "import"),
    "drift": ("", "changed outside", "changed outside"),
    "gone": ("", "deleted outside", "deleted outside"),
}
_COUNTED = {Op.CREATE: "+ ", Op.IMPORT: "= ", Op.UPDATE: "~ ", Op.REPLACE: "+-", Op.DELETE: "- "}
_COLOURS = {
    "+": "32",
    "~": "33",
    "-": "31",
    "+-": "35",
    "++": "32",
    "--": "31",
    "error": "31",
    "warning": "33",
}


class Display:
    """Shows a run as it goes."""

    def __init__(self, out: TextIO, *, preview: bool, diff: bool, colour: bool) -> None:
        """Takes where to write, the mode, whether properties are shown, and whether in colour."""
        self._out = out
        self._preview = preview
        self._diff = diff
        self._colour = colour
        self._lock = threading.Lock()
        self._logs: list[LogEvent] = []
        self._counts: Counter[Op] = Counter()

    def heading(self, words: str, stack: str) -> None:
        """The first line."""
        self._line(f"{words} ({stack}):")

    def tell(self, event: Event) -> None:
        """Takes one event; any thread may call it."""
        with self._lock:
            if isinstance(event, LogEvent):
                if event.severity != "debug":
                    self._logs.append(event)
                return
            if is_default_provider(event.urn):
                return
            if event.done and not event.failed:
                self._count(event)
            self._step(event)

    def finish(self, outcome: Outcome) -> None:
        """Diagnostics, outputs and counts."""
        with self._lock:
            self._diagnostics()
            self._outputs(outcome)
            self._resources()
            if not self._preview:
                self._line(f"\nDuration: {max(1, round(outcome.seconds))}s")

    def _count(self, event: StepEvent) -> None:
        if event.op is Op.REFRESH or event.label in {"create-replacement", "delete-replaced"}:
            return
        self._counts[event.op] += 1

    def _step(self, event: StepEvent) -> None:
        silent = event.label == "refresh" or (event.label == "same" and not self._shows_same(event))
        if silent or (self._preview and not event.done):
            return
        # A component is done when its last child is, which nobody is told; the stack's end is the run's.
        component = not any(each and each.custom for each in (event.new, event.old))
        if component and event.done and not self._preview and event.type != STACK_TYPE:
            return
        # A replacement is one change, and its parts are how; a preview tells the change.
        if self._preview and event.label in {"create-replacement", "delete-replaced"}:
            return
        sign = _SIGNS[event.label]
        word = _WORDS[event.label][2 if self._preview else event.done]
        timed = not self._preview and event.op is not Op.REFRESH
        seconds = (f" ({event.seconds:.2f}s)" if event.done else " (0s)") if timed else ""
        if event.failed:
            word, seconds = f"{_WORDS[event.label][0]} failed", ""
        keys = "protect" if event.label == "same" else ",".join(event.difference.keys)
        reason = f" [diff: ~{keys}]" if keys else ""
        self._line(f"{self._painted(sign)} {event.type} {event.name} {word}{seconds}{reason}")
        if event.label == "drift":
            for line in drift_lines(event):
                self._line(line)
        if self._diff and event.done and not event.failed:
            for line in property_lines(event):
                self._line(line)

    @staticmethod
    def _shows_same(event: StepEvent) -> bool:
        return event.done and event.changes_protection

    def _diagnostics(self) -> None:
        if not self._logs:
            return
        self._line("Diagnostics:")
        for event in self._logs:
            self._line(f"  {_subject(event.urn)}:")
            prefix = f"{event.severity}: " if event.severity in {"error", "warning"} else ""
            for number, line in enumerate(event.message.rstrip().splitlines()):
                shown = self._painted(prefix, event.severity) if number == 0 and prefix else ""
                self._line(f"    {shown}{line}")
        self._line("")

    def _outputs(self, outcome: Outcome) -> None:
        before, after = masked(outcome.before), masked(outcome.outputs)
        names = sorted({*before, *after})
        if not names:
            return
        width = max(len(name) for name in names)
        self._line("Outputs:")
        for name in names:
            self._line(self._output(name, width, before, after))

    def _output(self, name: str, width: int, before: dict[str, Any], after: dict[str, Any]) -> str:
        shown = f"{name:<{width}}: "
        if name not in after:
            return f"  {self._painted('-')} {shown}{value_text(before[name])}"
        if before and name not in before:
            return f"  {self._painted('+')} {shown}{value_text(after[name])}"
        if before and before[name] != after[name]:
            return f"  {self._painted('~')} {shown}{value_text(before[name])} => {value_text(after[name])}"
        return f"    {shown}{value_text(after[name])}"

    def _resources(self) -> None:
        self._line("\nResources:")
        future = {
            Op.CREATE: "to create",
            Op.IMPORT: "to import",
            Op.UPDATE: "to update",
            Op.REPLACE: "to replace",
            Op.DELETE: "to delete",
        }
        past = {
            Op.CREATE: "created",
            Op.IMPORT: "imported",
            Op.UPDATE: "updated",
            Op.REPLACE: "replaced",
            Op.DELETE: "deleted",
        }
        words = future if self._preview else past
        changes = 0
        for op, sign in _COUNTED.items():
            if self._counts[op]:
                changes += self._counts[op]
                self._line(f"    {self._painted(sign)}{self._counts[op]} {words[op]}")
        same = self._counts[Op.SAME]
        if changes and same:
            self._line(f"    {changes} changes. {same} unchanged")
        elif same or not changes:
            self._line(f"    {same} unchanged")

    def _painted(self, text: str, kind: str | None = None) -> str:
        code = _COLOURS.get(kind or text.strip())
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and code else text

    def _line(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()


def _subject(urn: str) -> str:
    if not urn:
        return STACK_TYPE
    parts = parse(urn)
    return f"{short_type(parts.type)} ({parts.name})"


def in_colour(stream: TextIO, environment: dict[str, str]) -> bool:
    """Whether a stream is a terminal that wants colour (no-color.org)."""
    return stream.isatty() and "NO_COLOR" not in environment and environment.get("TERM") != "dumb"


def stderr_line(message: str) -> None:
    """One line for the user, beside the answer."""
    sys.stderr.write(f"error: {' '.join(message.split())}\n")
