"""Whether a change gives somebody more rights: policies compared by what they allow."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .reading import Step
from .values import NOT_KNOWN, has_secret, presentable, shown

# The properties that hold a policy: IAM's, resources' own, and who may take on a role.
POLICIES = ("policy", "assumeRolePolicy", "accessPolicies", "inlinePolicy", "policyDocument")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a policy, each part a sorted list of texts.

    Attributes:
        effect: `Allow` or `Deny`.
        actions: such as `s3:GetObject`.
        resources: ARNs; empty where the policy is about the one resource that it is attached to.
        principals: whom, such as `AWS:*`; empty where it is whoever the policy is attached to.
        condition: as JSON text; empty where there is none.
        inverted: whether it speaks of all but what it names.
    """

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...]
    condition: str
    inverted: bool = False

    def __str__(self) -> str:
        whom = [f"to {', '.join(self.principals)}"] if self.principals else []
        what = [f"on {', '.join(self.resources)}"] if self.resources else []
        when = [f"if {self.condition}"] if self.condition else []
        but = ["all but"] if self.inverted else []
        return " ".join([self.effect, *but, ", ".join(self.actions), *whom, *what, *when])

    @property
    def is_broad(self) -> bool:
        """Whether it allows everything of a service, or anybody something."""
        if self.effect != "Allow":
            return False
        anybody = not self.condition and any(each.endswith(":*") for each in self.principals)
        whole = any(each == "*" or each.endswith(":*") for each in self.actions)
        return self.inverted or anybody or whole


@dataclass(frozen=True, slots=True)
class Widening:
    """What a change allows that was not allowed before.

    Attributes:
        granted: statements that allow it, as sentences.
        lifted: statements that refused something and no longer do.
        unknown: the properties whose new policy only the update will tell.
    """

    granted: tuple[str, ...] = ()
    lifted: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.granted or self.lifted or self.unknown)


def widening(step: Step) -> Widening:
    """How a step widens what is allowed.

    Of a policy that is made, only what is broad counts: the rights of what is new are no widening. What is
    secret cannot be compared, and is not told.
    """
    old, new = (dict(state.inputs) if state else {} for state in (step.old, step.new))
    if step.new is None:
        return Widening(lifted=tuple(_lifted(old, {})))
    granted = [*_granted(old, new, is_new=step.old is None), *_opened(step.type, old, new)]
    unknown = [
        name
        for name in POLICIES
        if old.get(name) != new.get(name) and step.old is not None and _is_unknown(new.get(name))
    ]
    return Widening(tuple(granted), tuple(_lifted(old, new)), tuple(unknown))


def statements_of(policy: Any) -> tuple[Statement, ...]:
    """The statements of a policy, JSON text or a mapping; none of one that is secret or is no policy."""
    if has_secret(policy):
        return ()
    if isinstance(policy, str):
        try:
            policy = json.loads(policy)
        except (ValueError, RecursionError):
            return ()
    found = policy.get("Statement") if isinstance(policy, Mapping) else None
    listed = found if isinstance(found, list) else [found]
    return tuple(_statement(each) for each in listed if isinstance(each, Mapping))


def covers(wide: Statement, narrow: Statement) -> bool:
    """Whether all that one statement says is said by another of the same effect."""
    if wide.effect != narrow.effect or wide.inverted or narrow.inverted:
        return wide == narrow
    if wide.condition and wide.condition != narrow.condition:
        return False
    return (
        # Actions are the same in upper and lower case, all else is not.
        _within(*([each.casefold() for each in side.actions] for side in (narrow, wide)))
        and _within(narrow.resources, wide.resources)
        and _within(narrow.principals, wide.principals)
    )


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


def _opened(type_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What is opened without a policy document: to the public, to the Internet, to anybody who asks."""
    if type_.rpartition(":")[2] in {"BucketPublicAccessBlock", "AccountPublicAccessBlock"}:
        for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"):
            if new.get(name) is False and old.get(name) is not False:
                yield f"{name} is false"
    for name, value in (("authorizationType", "NONE"), ("acl", "public-read"), ("acl", "public-read-write")):
        if new.get(name) == value and old.get(name) != value and (old or name == "acl"):
            yield f"{name} is {value}"
    if type_.endswith(":Permission") and new.get("principal") == "*" and old.get("principal") != "*":
        yield "anybody may call it (principal is *)"
    came = _open_ports(new) - _open_ports(old)
    yield from (f"everybody on the Internet reaches port {ports}" for ports in sorted(came))


def _open_ports(inputs: Mapping[str, Any]) -> set[str]:
    rules = inputs.get("ingress")
    listed = [
        *(rules if isinstance(rules, list) else ()),
        *([inputs] if inputs.get("type") == "ingress" else ()),
    ]
    return {
        f"{rule.get('fromPort')}-{rule.get('toPort')}"
        for rule in listed
        if isinstance(rule, Mapping)
        and {"0.0.0.0/0", "::/0"}.intersection(
            each for name in ("cidrBlocks", "ipv6CidrBlocks") for each in _texts(rule.get(name))
        )
    }


def _arns(inputs: Mapping[str, Any]) -> set[str]:
    found = [*_texts(inputs.get("managedPolicyArns")), *_texts(inputs.get("policyArn"))]
    return {each for each in found if not _is_unknown(each)}


def shown_statement(each: Statement) -> str:
    """A statement as a sentence of bounded length; its condition may be long."""
    text = str(each)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _statement(found: Mapping[str, Any]) -> Statement:
    inverted = any(name in found for name in ("NotAction", "NotResource", "NotPrincipal"))
    condition = found.get("Condition")
    return Statement(
        effect=str(found.get("Effect")),
        actions=_texts(found.get("Action", found.get("NotAction"))),
        resources=_texts(found.get("Resource", found.get("NotResource"))),
        principals=_principals(found.get("Principal", found.get("NotPrincipal"))),
        condition=json.dumps(presentable(condition), sort_keys=True, default=repr) if condition else "",
        inverted=inverted,
    )


def _principals(found: Any) -> tuple[str, ...]:
    if isinstance(found, Mapping):
        return tuple(sorted(f"{kind}:{each}" for kind, value in found.items() for each in _texts(value)))
    return tuple(f"AWS:{each}" for each in _texts(found))


def _texts(found: Any) -> tuple[str, ...]:
    if isinstance(found, list):
        return tuple(sorted({each if isinstance(each, str) else shown(presentable(each)) for each in found}))
    return (found,) if isinstance(found, str) else ()


def _within(narrow: Sequence[str], wide: Sequence[str]) -> bool:
    """Whether each of the narrow patterns is matched by one of the wide; none of both are the same."""
    if not wide or not narrow:
        return not wide and not narrow
    return all(any(_matches(each, pattern) for pattern in wide) for each in narrow)


def _matches(text: str, pattern: str) -> bool:
    # IAM's patterns know `*` and `?` alone.
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))


def _is_unknown(value: Any) -> bool:
    return presentable(value) is NOT_KNOWN
