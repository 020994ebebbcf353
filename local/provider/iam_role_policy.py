"""A role's inline policies, each a resource of its own."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .policy_document import go_json, same_json
from .resource import Resource, split_import
from .schema import AutoName, policy, string, table
from .values import State

MISSING = "NoSuchEntity"
PROPAGATION = 2 * 60.0


def document_text(found: Any) -> str:
    """A policy document as IAM answers it (parsed by boto3, or URL-encoded text) as JSON text."""
    return go_json(found) if isinstance(found, Mapping) else urllib.parse.unquote(str(found))


def inline_policy(client: Any, role: str, name: str) -> str:
    """The text of an inline policy of a role."""
    return document_text(client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])


class RolePolicy(Resource):
    """`aws:iam/rolePolicy:RolePolicy`: an inline policy of a role."""

    type_name = "aws:iam/rolePolicy:RolePolicy"
    schema = table(
        {
            "name": string(replaces=True, auto_name=AutoName(255)),
            "policy": policy(required=True),
            "role": string(required=True, replaces=True),
        },
        region=False,
        refused=("namePrefix",),
    )

    @override
    def create(self, aws: Aws, new: State) -> str:
        self._put(aws, new)
        return f"{new['role']}:{new['name']}"

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        what = f"waiting for IAM Role Policy ({identity}) create"
        with aws.doing(what):
            aws.clock.wait(lambda: self._policy(aws, new), what=what, within=PROPAGATION)

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        with aws.doing(f"reading IAM Role Policy ({identity})"):
            found = self._policy(aws, state)
        if found is None:
            return None
        kept = state.get("policy")
        return {"policy": kept if kept and same_json(kept, found) else found}

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        self._put(aws, new)

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        with aws.doing(f"deleting IAM Role Policy ({identity})"), gone(MISSING):
            aws.client("iam").delete_role_policy(RoleName=state["role"], PolicyName=state["name"])

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        role, name = split_import(identity, ":", "role", "name")
        return identity, {"role": role, "name": name}

    def _put(self, aws: Aws, new: State) -> None:
        with aws.doing(f"putting IAM Role ({new['role']}) Policy ({new['name']})"):
            aws.client("iam").put_role_policy(
                RoleName=new["role"], PolicyName=new["name"], PolicyDocument=new["policy"]
            )

    def _policy(self, aws: Aws, state: State) -> str | None:
        try:
            return inline_policy(aws.client("iam"), state["role"], state["name"])
        except ClientError as error:
            if failed_with(error, MISSING):
                return None
            raise
