"""Roles, with the policies that they can hold themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .check import Failure
from .iam_role_policy import MISSING, PROPAGATION, document_text, inline_policy
from .policy_document import same_json
from .resource import Resource
from .schema import AutoName, boolean, documents, integer, output, policy, string, string_set, table
from .tags import tag_set
from .values import State


def _principal_missing(error: ClientError) -> bool:
    return failed_with(error, "MalformedPolicyDocument", text="Invalid principal") or failed_with(
        error, "ConcurrentModification"
    )


class Role(Resource):
    """`aws:iam/role:Role`."""

    type_name = "aws:iam/role:Role"
    schema = table(
        {
            "assumeRolePolicy": policy(required=True),
            "description": string(),
            "forceDetachPolicies": boolean(default=False),
            "inlinePolicies": documents({"name": string(), "policy": string(same=same_json)}, computed=True),
            "managedPolicyArns": string_set(computed=True),
            "maxSessionDuration": integer(default=3600),
            "name": string(replaces=True, auto_name=AutoName(64)),
            "path": string(default="/", replaces=True),
            "permissionsBoundary": string(),
            "arn": output(),
            "createDate": output(),
            "uniqueId": output(),
        },
        region=False,
        tags=True,
        refused=("namePrefix",),
    )

    @override
    def validate(self, inputs: Mapping[str, Any]) -> Iterator[Failure]:
        seconds = inputs.get("maxSessionDuration")
        if isinstance(seconds, int) and not 3600 <= seconds <= 43200:
            yield Failure(
                "maxSessionDuration", f"maxSessionDuration must be in the range (3600 - 43200), got {seconds}"
            )
        try:
            json.loads(inputs["assumeRolePolicy"]) if isinstance(
                inputs.get("assumeRolePolicy"), str
            ) else None
        except ValueError as error:
            yield Failure("assumeRolePolicy", f"assumeRolePolicy contains an invalid JSON policy: {error}")

    @override
    def create(self, aws: Aws, new: State) -> str:
        name, client = new["name"], aws.client("iam")
        request = {
            "RoleName": name,
            "AssumeRolePolicyDocument": new["assumeRolePolicy"],
            "Path": new["path"],
            "MaxSessionDuration": new["maxSessionDuration"],
            "Description": new.get("description"),
            "PermissionsBoundary": new.get("permissionsBoundary"),
            "Tags": tag_set(new.get("tagsAll") or {}) or None,
        }
        sent = {key: value for key, value in request.items() if value is not None}
        with aws.doing(f"creating IAM Role ({name})"):
            aws.clock.retry(lambda: client.create_role(**sent), when=_principal_missing, within=PROPAGATION)
        return str(name)

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        _put_inline(aws, identity, [], new.get("inlinePolicies", []))
        _attach(aws, identity, set(), set(new.get("managedPolicyArns", [])))
        what = f"waiting for IAM Role ({identity}) create"
        with aws.doing(what):
            aws.clock.wait(lambda: self._role(aws, identity), what=what, within=PROPAGATION)

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        client = aws.client("iam")
        with aws.doing(f"reading IAM Role ({identity})"):
            role = self._role(aws, identity)
            if role is None:
                return None
            trust = document_text(role["AssumeRolePolicyDocument"])
            kept = state.get("assumeRolePolicy")
            tags = client.list_role_tags(RoleName=identity)["Tags"]
            inline = [
                {"name": name, "policy": _kept_inline(state, name, inline_policy(client, identity, name))}
                for name in client.list_role_policies(RoleName=identity)["PolicyNames"]
            ]
            attached = client.list_attached_role_policies(RoleName=identity)["AttachedPolicies"]
        return {
            "arn": role["Arn"],
            "assumeRolePolicy": kept if kept and same_json(kept, trust) else trust,
            "createDate": role["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "description": role.get("Description") or None,
            "inlinePolicies": inline,
            "managedPolicyArns": sorted(each["PolicyArn"] for each in attached),
            "maxSessionDuration": role.get("MaxSessionDuration", 3600),
            "name": role["RoleName"],
            "path": role["Path"],
            "permissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "uniqueId": role["RoleId"],
            **aws.tag_state({each["Key"]: each["Value"] for each in tags}),
        }

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        client = aws.client("iam")
        if "assumeRolePolicy" in changed:
            with aws.doing(f"updating IAM Role ({identity}) assume role policy"):
                aws.clock.retry(
                    lambda: client.update_assume_role_policy(
                        RoleName=identity, PolicyDocument=new["assumeRolePolicy"]
                    ),
                    when=_principal_missing,
                    within=PROPAGATION,
                )
        if "description" in changed:
            with aws.doing(f"updating IAM Role ({identity}) description"):
                client.update_role_description(RoleName=identity, Description=new.get("description", ""))
        if "maxSessionDuration" in changed:
            with aws.doing(f"updating IAM Role ({identity}) MaxSessionDuration"):
                client.update_role(RoleName=identity, MaxSessionDuration=new["maxSessionDuration"])
        if "permissionsBoundary" in changed:
            with aws.doing(f"updating IAM Role ({identity}) permissions boundary"):
                if new.get("permissionsBoundary"):
                    client.put_role_permissions_boundary(
                        RoleName=identity, PermissionsBoundary=new["permissionsBoundary"]
                    )
                else:
                    client.delete_role_permissions_boundary(RoleName=identity)
        if "inlinePolicies" in changed:
            _put_inline(aws, identity, old.get("inlinePolicies", []), new.get("inlinePolicies", []))
        if "managedPolicyArns" in changed:
            _attach(
                aws, identity, set(old.get("managedPolicyArns", [])), set(new.get("managedPolicyArns", []))
            )

    @override
    def retag(
        self, aws: Aws, identity: str, state: State, new: Mapping[str, str], removed: list[str]
    ) -> None:
        client = aws.client("iam")
        if removed:
            client.untag_role(RoleName=identity, TagKeys=removed)
        if new:
            client.tag_role(RoleName=identity, Tags=tag_set(new))

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        client, force = aws.client("iam"), bool(state.get("forceDetachPolicies"))
        with aws.doing(f"deleting IAM Role ({identity})"), gone(MISSING):
            for each in client.list_instance_profiles_for_role(RoleName=identity)["InstanceProfiles"]:
                client.remove_role_from_instance_profile(
                    InstanceProfileName=each["InstanceProfileName"], RoleName=identity
                )
            if force or state.get("managedPolicyArns"):
                for each in client.list_attached_role_policies(RoleName=identity)["AttachedPolicies"]:
                    client.detach_role_policy(RoleName=identity, PolicyArn=each["PolicyArn"])
            if force or state.get("inlinePolicies"):
                for name in client.list_role_policies(RoleName=identity)["PolicyNames"]:
                    client.delete_role_policy(RoleName=identity, PolicyName=name)
            aws.clock.retry(
                lambda: client.delete_role(RoleName=identity),
                when=lambda error: failed_with(error, "DeleteConflict"),
                within=PROPAGATION,
            )

    def _role(self, aws: Aws, name: str) -> Any:
        try:
            role = aws.client("iam").get_role(RoleName=name)["Role"]
        except ClientError as error:
            if failed_with(error, MISSING):
                return None
            raise
        return role if str(role["Arn"]).startswith("arn:") else None


def _kept_inline(state: State, name: str, found: str) -> str:
    """The text of an inline policy as it was given, if IAM's means the same."""
    given = {each.get("name"): each.get("policy") for each in state.get("inlinePolicies", [])}
    kept = given.get(name)
    return str(kept) if kept and same_json(kept, found) else found


def _put_inline(aws: Aws, role: str, old: list[State], new: list[State]) -> None:
    client = aws.client("iam")
    wanted = {each["name"]: each["policy"] for each in new}
    with aws.doing(f"updating inline policies of IAM Role ({role})"):
        for each in old:
            if each["name"] not in wanted:
                client.delete_role_policy(RoleName=role, PolicyName=each["name"])
        for name, text in wanted.items():
            client.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=text)


def _attach(aws: Aws, role: str, old: set[str], new: set[str]) -> None:
    client = aws.client("iam")
    with aws.doing(f"updating managed policies of IAM Role ({role})"):
        for arn in sorted(old - new):
            client.detach_role_policy(RoleName=role, PolicyArn=arn)
        for arn in sorted(new - old):
            client.attach_role_policy(RoleName=role, PolicyArn=arn)
