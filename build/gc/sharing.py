"""Whether a layer version is shared: whoever it is shared with may use it, and no list tells."""

from __future__ import annotations

import json
import re
from typing import Any

from .cloud import Cloud, told


def is_shared(cloud: Cloud, name: str, number: int, account: str) -> bool:
    """Asks for the policy of a layer version.

    Args:
        cloud: where it is.
        name: of the layer.
        number: of the version.
        account: its own.

    Returns:
        Whether another account, an organisation or everybody may use it.

    Raises:
        FailureError: AWS refuses.
    """
    with told(f"the policy of the layer version {name}:{number}"):
        try:
            found = cloud.functions.get_layer_version_policy(LayerName=name, VersionNumber=number)
        except cloud.functions.exceptions.ResourceNotFoundException:
            return False
    return lets_others_in(found["Policy"], account)


def lets_others_in(policy: str, account: str) -> bool:
    """Whether a resource policy allows something to somebody outside of an account.

    Args:
        policy: JSON text (AWS Lambda Developer Guide, "Granting layer access to other accounts").
        account: the account's number.

    Returns:
        True also for what cannot be read: then it is not known who uses it.
    """
    try:
        statements = json.loads(policy)["Statement"]
        listed = statements if isinstance(statements, list) else [statements]
        allowed = [each for each in listed if each["Effect"] == "Allow"]
        return any(not _is_own(who, account) for each in allowed for who in principals(each["Principal"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return True


def principals(principal: Any) -> list[str]:
    """Whom a statement's `Principal` names: accounts, ARNs, services, or `*`."""
    if isinstance(principal, str):
        return [principal]
    return [who for named in principal.values() for who in ([named] if isinstance(named, str) else named)]


def _is_own(who: str, account: str) -> bool:
    return who == account or re.fullmatch(rf"arn:[^:]+:(iam|sts)::{account}:.+", who) is not None
