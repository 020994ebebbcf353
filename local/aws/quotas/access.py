"""IAM: how large policies can be, and how many a role can have."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from moto.iam.models import IAMBackend, Role, iam_backends

from local import limits

from .asked import Asked, QuotaError


def _trust(asked: Asked) -> None:
    document = asked.parameters.get("AssumeRolePolicyDocument") or asked.parameters.get("PolicyDocument", "")
    if _size(document) > limits.TRUST_POLICY:
        raise _exceeded(f"Cannot exceed quota for ACLSizePerRole: {limits.TRUST_POLICY}")


def _inline(asked: Asked) -> None:
    name = asked.parameters.get("RoleName", "")
    role = _role(asked)
    others = role.policies.items() if role is not None else ()
    kept = sum(_size(text) for policy, text in others if policy != asked.parameters.get("PolicyName"))
    if kept + _size(asked.parameters.get("PolicyDocument", "")) > limits.INLINE_POLICIES:
        raise _exceeded(f"Maximum policy size of {limits.INLINE_POLICIES} bytes exceeded for role {name}")


def _attached(asked: Asked) -> None:
    role = _role(asked)
    arns = {*(role.managed_policies if role is not None else ()), asked.parameters.get("PolicyArn")}
    if len(arns) > limits.POLICIES_OF_ROLE:
        raise _exceeded(f"Cannot exceed quota for PoliciesPerRole: {limits.POLICIES_OF_ROLE}")


def _role(asked: Asked) -> Role | None:
    backend: IAMBackend = iam_backends[asked.account]["aws"]
    name = asked.parameters.get("RoleName")
    return next((role for role in backend.roles.values() if role.name == name), None)


def _size(document: str) -> int:
    return len("".join(document.split()))


def _exceeded(message: str) -> QuotaError:
    return QuotaError("LimitExceeded", message, 409)


CHECKS: Mapping[str, Callable[[Asked], None]] = {
    "CreateRole": _trust,
    "UpdateAssumeRolePolicy": _trust,
    "PutRolePolicy": _inline,
    "AttachRolePolicy": _attached,
}
