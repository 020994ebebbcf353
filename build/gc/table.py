"""What a plan and its outcome look like: a table for people, one JSON object for programs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from ..console import counted, size_of
from .deletion import Outcome
from .plan import Plan
from .records import FunctionVersion, HttpApi, LayerVersion, Removal, StoredObject, Usage

# The kinds in the order in which they are told, with the names that JSON has for them.
_KINDS = {
    "layer versions": ("layerVersions", LayerVersion),
    "function versions": ("functionVersions", FunctionVersion),
    "objects": ("objects", StoredObject),
    "HTTP APIs": ("apis", HttpApi),
}


def table(plan: Plan, outcome: Outcome | None = None, usage: Usage | None = None) -> str:
    """A table of what goes, then what stays and how much room that makes.

    Args:
        plan: what would go.
        outcome: what went, if anything was to be deleted.
        usage: the code storage afterwards, as far as it is known.

    Returns:
        Lines, with a final newline.
    """
    shown = plan.removals if outcome is None else tuple(outcome.deleted)
    lines = [f"{plan.asked.layer} in {plan.layer_arn.split(':')[3]} of account {plan.account}"]
    lines += _rows(shown, "would go" if outcome is None else "deleted")
    for removal, reason in outcome.spared if outcome else ():
        lines.append(f"{removal.name} stays: {reason}")
    lines += _staying(plan)
    lines += _kept_twins(plan)
    lines.append(_storage(plan, outcome, usage))
    lines += _bucket(plan, shown, done=outcome is not None)
    if outcome is None:
        lines.append("nothing was deleted: --yes deletes" if plan.removals else "there is nothing to delete")
    elif left := len(plan.removals) - len(outcome.deleted) - len(outcome.spared):
        lines.append(f"{counted(left, 'item')} of {len(plan.removals):,} left: run it again to go on")
    return "\n".join(lines) + "\n"


def as_json(plan: Plan, outcome: Outcome | None = None, usage: Usage | None = None) -> dict[str, Any]:
    """The same for programs.

    Args:
        plan: what would go.
        outcome: what went, if anything was to be deleted.
        usage: the code storage afterwards, as far as it is known.

    Returns:
        A mapping that JSON can have; sizes are bytes, times are in UTC.
    """
    shown = plan.removals if outcome is None else tuple(outcome.deleted)
    parts = plan.layer_arn.split(":")
    found: dict[str, Any] = {
        "layer": plan.asked.layer,
        "region": parts[3],
        "account": plan.account,
        "keep": plan.asked.rules.keep,
        "dryRun": outcome is None,
    }
    for key, item in _KINDS.values():
        found[key] = [_described(each) for each in shown if isinstance(each.item, item)]
    found["staying"] = {kind: dict(reasons) for kind, reasons in plan.staying.items()}
    found["copies"] = {str(number): newest for number, newest in plan.twins.items()}
    found["storage"] = {
        "limit": plan.usage.limit,
        "before": plan.usage.used,
        "freed": _freed(shown),
        "after": plan.usage.used - _freed(shown) if usage is None else usage.used,
    }
    if plan.bucket is not None:
        found["bucket"] = plan.bucket
    if outcome is not None:
        found["spared"] = [{"name": each.name, "why": why} for each, why in outcome.spared]
        found["failures"] = list(outcome.failures)
        found["left"] = len(plan.removals) - len(outcome.deleted) - len(outcome.spared)
    return found


def _rows(shown: Sequence[Removal], title: str) -> Iterator[str]:
    if not shown:
        return
    names = max(len(title), *(len(each.name) for each in shown))
    yield f"  {title:<{names}}  {'size':>9}  why"
    for each in shown:
        yield f"  {each.name:<{names}}  {size_of(each.size):>9}  {each.why}"


def _staying(plan: Plan) -> Iterator[str]:
    for kind in _KINDS:
        reasons = {why: count for why, count in plan.staying.get(kind, {}).items() if count}
        if reasons:
            said = ", ".join(f"{count:,} {why}" for why, count in sorted(reasons.items()))
            yield f"{kind} that stay: {said}"


def _kept_twins(plan: Plan) -> Iterator[str]:
    going = {each.item.number for each in plan.removals if isinstance(each.item, LayerVersion)}
    for number, newest in sorted(plan.twins.items()):
        if number not in going:
            yield f"{plan.asked.layer}:{number} has the same content as version {newest}, and stays"


def _storage(plan: Plan, outcome: Outcome | None, usage: Usage | None) -> str:
    limit = f"of the region's {_gib(plan.usage.limit)} of code storage"
    if outcome is None:
        freed = plan.freed()
        return (
            f"would free {size_of(freed)}: {_gib(plan.usage.used)} {limit} are used, "
            f"{_gib(plan.usage.used - freed)} afterwards"
        )
    now = plan.usage.used if usage is None else usage.used
    done = size_of(_freed(outcome.deleted))
    return f"freed {done}: {_gib(plan.usage.used)} {limit} were used, {_gib(now)} are now"


def _bucket(plan: Plan, shown: Sequence[Removal], *, done: bool) -> Iterator[str]:
    objects = [each for each in shown if isinstance(each.item, StoredObject)]
    if not objects:
        return
    size = size_of(sum(each.size for each in objects))
    verb = ("is" if len(objects) == 1 else "are") if done else "would be"
    yield (
        f"{counted(len(objects), 'object')} of s3://{plan.bucket}, {size}, {verb} hidden behind delete "
        "markers: S3 keeps the bytes, and each can be brought back, until the bucket's lifecycle rule "
        "expires old versions"
    )


def _freed(removals: Sequence[Removal]) -> int:
    return sum(each.size for each in removals if not isinstance(each.item, StoredObject))


def _gib(size: int) -> str:
    """In the units of AWS' limit: its 75 GB are 75 GiB."""
    return f"{size / (1 << 30):.2f} GB"


def _described(removal: Removal) -> dict[str, Any]:
    found: dict[str, Any] = {"name": removal.name, "bytes": removal.size, "why": removal.why}
    match removal.item:
        case LayerVersion(number, digest, created):
            return found | {"version": number, "digest": digest, "created": _time(created)}
        case FunctionVersion(function, number, modified):
            return found | {"function": function, "version": number, "modified": _time(modified)}
        case StoredObject(bucket, key, _, modified):
            return found | {"bucket": bucket, "key": key, "modified": _time(modified)}
        case HttpApi(identity, name, stack, created):
            return found | {"api": identity, "apiName": name, "stack": stack, "created": _time(created)}


def _time(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds")
