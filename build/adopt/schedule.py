"""The rule of a state that calls the cleanup function at set times, its target, and its permission."""

from __future__ import annotations

from collections.abc import Sequence

from .immutable import unlike
from .matcher import Matcher
from .permissions import match_permission
from .references import called, refers, unqualified
from .state import Found


def match_schedule(matcher: Matcher, cleanup: Found | None) -> None:
    """Matches the rule, its target, and who may call the function for it."""
    targets = [
        each
        for each in matcher.all("aws_cloudwatch_event_target")
        if cleanup is not None and refers(called(each), cleanup)
    ]
    rules = {each.text("rule") for each in targets}
    rule = matcher.take(
        "Schedule/EventRule/cleanup",
        [each for each in matcher.all("aws_cloudwatch_event_rule") if each.text("name") in rules],
        identity=lambda each: each.text("name"),
        name=lambda each: each.text("name"),
        unfit=lambda each: (
            unlike(each, {"event_bus_name": "default"}, default=True) or _shared(matcher, each, targets)
        ),
    )
    if rule is None or cleanup is None:
        return
    name = rule.text("name")
    matcher.take(
        "Schedule/EventTarget/cleanup",
        [each for each in targets if each.text("rule") == name],
        identity=lambda each: f"{name}/{each.text('target_id')}",
        name=lambda each: each.text("target_id"),
        unfit=lambda each: unlike(each, {"rule": name}),
        notes=unqualified,
    )
    match_permission(
        matcher, "Schedule/Permission/cleanup", cleanup, rule.text("arn"), "events.amazonaws.com"
    )


def _shared(matcher: Matcher, rule: Found, targets: Sequence[Found]) -> str:
    others = [
        each.text("arn")
        for each in matcher.all("aws_cloudwatch_event_target")
        if each.text("rule") == rule.text("name") and each not in targets
    ]
    return f"it calls {', '.join(others)} as well, whose times would change with it" if others else ""
