"""What a change opens without a policy document: to the public, to the Internet, to other accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .statements import matches, texts_of
from .urns import short_type

_EVERYBODY = frozenset({"0.0.0.0/0", "::/0"})
# What narrows a Lambda permission besides its principal (AddPermission, AWS Lambda API Reference).
_NARROWING = ("sourceArn", "sourceAccount", "principalOrgId")
_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_PUBLIC = (("authorizationType", "NONE"), ("acl", "public-read"), ("acl", "public-read-write"))


def opened(type_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What is open and was not, each as a sentence.

    Args:
        type_: the resource's type.
        old: its inputs as they may be told; empty where it is made.
        new: likewise, as they will be.
    """
    if short_type(type_) in {"BucketPublicAccessBlock", "AccountPublicAccessBlock"}:
        for name in _BLOCKS:
            if new.get(name) is False and old.get(name) is not False:
                yield f"{name} is false"
    for name, value in _PUBLIC:
        if new.get(name) == value and old.get(name) != value and (old or name == "acl"):
            yield f"{name} is {value}"
    if short_type(type_) == "Permission":
        yield from _permitted(old, new)
    came = _open_ports(type_, new) - _open_ports(type_, old)
    yield from (f"everybody on the Internet reaches {ports}" for ports in sorted(came))


def unbounded(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """The permissions boundary that no longer is one, or gives way to another."""
    before, after = (", ".join(texts_of(side.get("permissionsBoundary"))) for side in (old, new))
    if before and before != after:
        instead = f" gives way to {after}" if after else ""
        yield f"the permissions boundary {before}{instead}"


def _permitted(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Who may call a function that might not; a permission that is new is told where it is anybody's."""
    principal = new.get("principal")
    if principal != old.get("principal"):
        if principal == "*":
            yield "anybody may call it (principal is *)"
        elif old and isinstance(principal, str):
            yield f"{principal} may call it"
    for name in _NARROWING:
        before, after = old.get(name), new.get(name)
        if not isinstance(before, str) or not before:
            continue
        if after is None or after == "":
            yield f"{name} is no longer asked for (it was {before})"
        elif isinstance(after, str) and not matches(after, before):
            yield f"{name} may be {after}"


def _open_ports(type_: str, inputs: Mapping[str, Any]) -> set[str]:
    rules = inputs.get("ingress")
    alone = inputs.get("type") == "ingress" or short_type(type_) == "SecurityGroupIngressRule"
    listed = [*(rules if isinstance(rules, list) else ()), *([inputs] if alone else ())]
    return {
        _ports(rule)
        for rule in listed
        if isinstance(rule, Mapping)
        and _EVERYBODY.intersection(
            each
            for name in ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6")
            for each in texts_of(rule.get(name))
        )
    }


def _ports(rule: Mapping[str, Any]) -> str:
    protocol = rule.get("ipProtocol", rule.get("protocol"))
    if protocol in ("-1", "all") or rule.get("fromPort") is None:
        return "every port"
    return f"port {rule.get('fromPort')}-{rule.get('toPort')}"
