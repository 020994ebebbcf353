"""Managed policies that are attached to a role."""

from __future__ import annotations

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .iam_role_policy import MISSING, PROPAGATION
from .resource import Immutable, split_import
from .schema import string, table
from .values import State


class RolePolicyAttachment(Immutable):
    """`aws:iam/rolePolicyAttachment:RolePolicyAttachment`: a managed policy of a role."""

    type_name = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    schema = table(
        {"policyArn": string(required=True, replaces=True), "role": string(required=True, replaces=True)},
        region=False,
        deletes_first=True,
    )

    @override
    def create(self, aws: Aws, new: State) -> str:
        role, arn = new["role"], new["policyArn"]
        with aws.doing(f"attaching IAM Policy ({arn}) to IAM Role ({role})"):
            aws.clock.retry(
                lambda: aws.client("iam").attach_role_policy(RoleName=role, PolicyArn=arn),
                when=lambda error: failed_with(error, "ConcurrentModification"),
            )
        return f"{role}/{arn}"

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        what = f"waiting for IAM Role Policy Attachment ({identity}) create"
        with aws.doing(what):
            aws.clock.wait(lambda: self._attached(aws, new), what=what, within=PROPAGATION)

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        with aws.doing(f"reading IAM Role Policy Attachment ({identity})"):
            return {} if self._attached(aws, state) else None

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        role, arn = state["role"], state["policyArn"]
        with aws.doing(f"detaching IAM Policy ({arn}) from IAM Role ({role})"), gone(MISSING):
            aws.clock.retry(
                lambda: aws.client("iam").detach_role_policy(RoleName=role, PolicyArn=arn),
                when=lambda error: failed_with(error, "ConcurrentModification"),
            )

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        role, arn = split_import(identity, "/", "role", "policyArn")
        return identity, {"role": role, "policyArn": arn}

    def _attached(self, aws: Aws, state: State) -> bool:
        pages = (
            aws.client("iam").get_paginator("list_attached_role_policies").paginate(RoleName=state["role"])
        )
        try:
            found = [each["PolicyArn"] for page in pages for each in page["AttachedPolicies"]]
        except ClientError as error:
            if failed_with(error, MISSING):
                return False
            raise
        return state["policyArn"] in found
