"""What happens in a run, told as it happens to whoever shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .plan import Difference, Op
from .state import Resource


@dataclass(frozen=True, slots=True)
class StepEvent:
    """A step begins or ends.

    Attributes:
        op: its kind.
        label: for a replacement's parts `create-replacement`, `replace`, `delete-replaced`; for what a
            refresh finds `drift`, `gone`; else the kind.
        urn: the resource's.
        type: the resource's type.
        name: its name.
        done: whether it ends.
        seconds: how long it took.
        old: what there was.
        new: what there is, or would be.
        difference: why.
        failed: whether it failed.
    """

    op: Op
    label: str
    urn: str
    type: str
    name: str
    done: bool
    seconds: float = 0.0
    old: Resource | None = None
    new: Resource | None = None
    difference: Difference = Difference()  # noqa: RUF009  (frozen)
    failed: bool = False

    @property
    def changes_protection(self) -> bool:
        """Whether the resource begins or ceases to be protected, which no provider hears of."""
        return self.old is not None and self.new is not None and self.old.protect != self.new.protect


@dataclass(frozen=True, slots=True)
class LogEvent:
    """Something is said.

    Attributes:
        severity: `debug`, `info`, `warning` or `error`.
        message: the text.
        urn: the resource that it is about, or "".
    """

    severity: str
    message: str
    urn: str = ""


Event = StepEvent | LogEvent
Listener = Callable[[Event], None]
