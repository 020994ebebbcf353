"""EventBridge: schedule expressions, and how many rules and targets there can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from moto.events.models import EventBus, events_backends

from local import limits
from local.aws.schedule_expression import is_schedule

from .asked import Asked, QuotaError


def _rule(asked: Asked) -> None:
    expression = asked.parameters.get("ScheduleExpression")
    if expression and not is_schedule(expression):
        raise QuotaError("ValidationException", "Parameter ScheduleExpression is not valid.")
    bus = _bus(asked)
    if bus is not None and asked.parameters.get("Name") not in bus.rules:
        _count(len(bus.rules) + 1, limits.RULES_OF_BUS)


def _targets(asked: Asked) -> None:
    bus = _bus(asked)
    rule = bus.rules.get(asked.parameters.get("Rule", "")) if bus is not None else None
    kept = {target["Id"] for target in rule.targets} if rule is not None else set()
    _count(
        len(kept | {target.get("Id") for target in asked.parameters.get("Targets", [])}),
        limits.TARGETS_OF_RULE,
    )


def _bus(asked: Asked) -> EventBus | None:
    name = str(asked.parameters.get("EventBusName") or "default").rpartition("/")[2]
    return events_backends[asked.account][asked.region].event_buses.get(name)


def _count(wanted: int, most: int) -> None:
    if wanted > most:
        raise QuotaError(
            "LimitExceededException", "The requested resource exceeds the maximum number allowed."
        )


CHECKS: Mapping[str, Callable[[Asked], None]] = {"PutRule": _rule, "PutTargets": _targets}
