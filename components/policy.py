"""IAM policy documents as JSON text with a fixed order, so that the same rights are the same text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

# IAM User Guide, "IAM JSON policy elements: Version".
VERSION = "2012-10-17"


def statement(
    actions: Sequence[str],
    resources: Sequence[str],
    *,
    effect: str = "Allow",
    condition: Mapping[str, Mapping[str, str | Sequence[str]]] | None = None,
    principal: str | Mapping[str, str] | None = None,
) -> str:
    """One statement of a policy.

    Args:
        actions: such as `s3:GetObject`.
        resources: ARNs; `*` only where AWS knows nothing narrower.
        effect: `Allow` or `Deny`.
        condition: operator to key to values.
        principal: who, in a policy that is attached to a resource.

    Returns:
        JSON text.
    """
    parts: dict[str, Any] = {"Effect": effect, "Action": list(actions), "Resource": list(resources)}
    if condition is not None:
        parts["Condition"] = condition
    if principal is not None:
        parts["Principal"] = principal
    return json.dumps(parts, sort_keys=True)


def document(statements: Sequence[str]) -> str:
    """A policy of statements, each JSON text as `statement` gives it."""
    parsed = [json.loads(text) for text in statements]
    return json.dumps({"Statement": parsed, "Version": VERSION}, sort_keys=True)


def assumed_by(service: str, account: str) -> str:
    """The trust policy of a role that an AWS service takes on, on behalf of one account alone.

    IAM User Guide, "The confused deputy problem", cross-service: without the condition, a service that can be
    talked into it would take on the role for whoever asks.

    Args:
        service: such as `lambda.amazonaws.com`.
        account: twelve digits.

    Returns:
        JSON text.
    """
    trust = {
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        "Effect": "Allow",
        "Principal": {"Service": service},
    }
    return json.dumps({"Statement": [trust], "Version": VERSION}, sort_keys=True)
