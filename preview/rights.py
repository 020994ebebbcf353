"""Whether a change gives somebody more rights: what is allowed and refused before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .facts import Step
from .openings import opened, unbounded
from .statements import covers, shown_statement, statements_of, texts_of
from .values import NOT_KNOWN, has_secret, told

# The properties that hold a policy: IAM's, resources' own, and who may take on a role.
POLICIES = (
    *("accessPolicies", "assumeRolePolicy", "inlinePolicies", "inlinePolicy"),
    *("policy", "policyDocument"),
)


@dataclass(frozen=True, slots=True)
class Widening:
    """What a change allows that was not allowed before.

    Attributes:
        granted: statements that allow it, as sentences.
        lifted: what refused something and no longer does.
        unknown: the properties whose new policy only the update will tell.
        secret: the properties whose policy is secret, before or after.
    """

    granted: tuple[str, ...] = ()
    lifted: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()


def widening(step: Step) -> Widening:
    """How a step widens what is allowed.

    Of a policy that is made, only what is broad counts: the rights of what is new are no widening. What is
    secret cannot be compared, and is not told.
    """
    old, new = told(step.old), told(step.new)
    if step.new is None:
        return Widening(lifted=tuple(_lifted(old, {})))
    granted = [*_granted(old, new, is_new=step.old is None), *opened(step.type, old, new)]
    changed = [name for name in POLICIES if step.old is not None and _differs(step, name, old, new)]
    return Widening(
        granted=tuple(granted),
        lifted=(*_lifted(old, new), *unbounded(old, new)),
        unknown=tuple(name for name in changed if _is_unknown(new.get(name))),
        secret=tuple(name for name in changed if has_secret(old.get(name)) or has_secret(new.get(name))),
    )


def _differs(step: Step, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a policy is another; of two that are secret, the provider may know."""
    return old.get(name) != new.get(name) or (has_secret(new.get(name)) and name in step.differing)


def _granted(old: Mapping[str, Any], new: Mapping[str, Any], *, is_new: bool) -> Iterator[str]:
    for name in POLICIES:
        before = [each for each in statements_of(old.get(name)) if each.effect == "Allow"]
        if has_secret(old.get(name)) or _is_unknown(old.get(name)):
            continue
        for each in statements_of(new.get(name)):
            if each.effect != "Allow" or any(covers(other, each) for other in before):
                continue
            if not is_new or each.is_broad:
                yield shown_statement(each)
    if attached := _arns(new) - _arns(old):
        whole = {
            arn for arn in attached if arn.rpartition("/")[2] in {"AdministratorAccess", "PowerUserAccess"}
        }
        yield from (f"the policy {arn}" for arn in sorted(whole if is_new else attached))


def _lifted(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in POLICIES:
        if has_secret(new.get(name)) or _is_unknown(new.get(name)):
            continue
        after = [each for each in statements_of(new.get(name)) if each.effect == "Deny"]
        for each in statements_of(old.get(name)):
            if each.effect == "Deny" and not any(covers(other, each) for other in after):
                yield shown_statement(each)


def _arns(inputs: Mapping[str, Any]) -> set[str]:
    """The managed policies that are attached, as far as they are known."""
    found = [*texts_of(inputs.get("managedPolicyArns")), *texts_of(inputs.get("policyArn"))]
    return {each for each in found if each != repr(NOT_KNOWN)}


def _is_unknown(value: Any) -> bool:
    return value is NOT_KNOWN
