"""A bucket's settings that are resources: versioning, access, encryption, ownership, policy."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .policy_document import same_json
from .resource import Resource
from .schema import boolean, document, documents, policy, string, table
from .values import State

_PROPAGATION = 2 * 60.0


class BucketSetting(Resource, abc.ABC):
    """A setting that is put on, read from and taken off a bucket whose name (and owner) is its id."""

    noun: ClassVar[str]
    missing: ClassVar[tuple[str, ...]]
    retried: ClassVar[tuple[str, ...]] = ("NoSuchBucket",)

    @abc.abstractmethod
    def put(self, client: Any, where: Mapping[str, str], new: State) -> None:
        """Puts the setting on the bucket."""

    @abc.abstractmethod
    def get(self, client: Any, where: Mapping[str, str], state: State) -> State | None:
        """The setting as the bucket has it."""

    @abc.abstractmethod
    def drop(self, client: Any, where: Mapping[str, str], state: State) -> None:
        """Takes the setting off the bucket."""

    @override
    def create(self, aws: Aws, new: State) -> str:
        self._put(aws, new, f"creating {self.noun} ({new['bucket']})")
        owner = new.get("expectedBucketOwner")
        return f"{new['bucket']},{owner}" if owner else str(new["bucket"])

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        what = f"waiting for {self.noun} ({identity}) create"
        with aws.doing(what):
            aws.clock.wait(lambda: self._found(aws, new), what=what, within=_PROPAGATION)

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        with aws.doing(f"reading {self.noun} ({identity})"):
            found = self._found(aws, state)
        return None if found is None else {"bucket": state["bucket"], **found}

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        self._put(aws, new, f"updating {self.noun} ({identity})")

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        client = aws.client("s3", state)
        what = f"deleting {self.noun} ({identity})"
        with aws.doing(what), gone("NoSuchBucket", *self.missing):
            aws.clock.retry(
                lambda: self.drop(client, _where(state), state),
                when=lambda error: failed_with(error, "OperationAborted"),
            )

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        bucket, _, owner = identity.partition(",")
        return identity, {"bucket": bucket, **({"expectedBucketOwner": owner} if owner else {})}

    def _put(self, aws: Aws, new: State, what: str) -> None:
        client = aws.client("s3", new)
        with aws.doing(what):
            aws.clock.retry(
                lambda: self.put(client, _where(new), new),
                when=lambda error: failed_with(error, *self.retried),
                within=_PROPAGATION,
            )

    def _found(self, aws: Aws, state: State) -> State | None:
        try:
            return self.get(aws.client("s3", state), _where(state), state)
        except ClientError as error:
            if failed_with(error, "NoSuchBucket", *self.missing):
                return None
            raise


def _where(state: State) -> dict[str, str]:
    owner = state.get("expectedBucketOwner")
    return {"Bucket": state["bucket"], **({"ExpectedBucketOwner": owner} if owner else {})}


class BucketVersioning(BucketSetting):
    """`aws:s3/bucketVersioning:BucketVersioning`."""

    type_name = "aws:s3/bucketVersioning:BucketVersioning"
    noun = "S3 Bucket Versioning"
    missing = ()
    schema = table(
        {
            "bucket": string(required=True, replaces=True),
            "expectedBucketOwner": string(replaces=True),
            "versioningConfiguration": document(
                {"status": string(required=True), "mfaDelete": string(computed=True)}, required=True
            ),
        },
        refused=("mfa",),
    )

    @override
    def put(self, client: Any, where: Mapping[str, str], new: State) -> None:
        status = new["versioningConfiguration"]["status"]
        if status != "Disabled":
            client.put_bucket_versioning(**where, VersioningConfiguration={"Status": status})

    @override
    def get(self, client: Any, where: Mapping[str, str], state: State) -> State | None:
        found = client.get_bucket_versioning(**where)
        status, mfa = found.get("Status", "Disabled"), found.get("MFADelete")
        return {"versioningConfiguration": {"status": status, **({"mfaDelete": mfa} if mfa else {})}}

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        wanted = new["versioningConfiguration"]["status"]
        what = f"waiting for {self.noun} ({identity}) create"

        def reached() -> bool:
            found = self._found(aws, new)
            return found is not None and found["versioningConfiguration"]["status"] == wanted

        with aws.doing(what):
            aws.clock.wait(reached, what=what, within=_PROPAGATION, times=3)

    @override
    def drop(self, client: Any, where: Mapping[str, str], state: State) -> None:
        if state["versioningConfiguration"]["status"] == "Disabled":
            return
        with gone("InvalidBucketState"):
            client.put_bucket_versioning(**where, VersioningConfiguration={"Status": "Suspended"})


_BLOCKS = {
    "blockPublicAcls": "BlockPublicAcls",
    "blockPublicPolicy": "BlockPublicPolicy",
    "ignorePublicAcls": "IgnorePublicAcls",
    "restrictPublicBuckets": "RestrictPublicBuckets",
}


class BucketPublicAccessBlock(BucketSetting):
    """`aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock`."""

    type_name = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    noun = "S3 Bucket Public Access Block"
    missing = ("NoSuchPublicAccessBlockConfiguration",)
    schema = table(
        {
            "bucket": string(required=True, replaces=True),
            **{name: boolean(default=False) for name in _BLOCKS},
            "skipDestroy": boolean(),
        }
    )

    @override
    def put(self, client: Any, where: Mapping[str, str], new: State) -> None:
        blocks = {theirs: bool(new.get(ours)) for ours, theirs in _BLOCKS.items()}
        client.put_public_access_block(**where, PublicAccessBlockConfiguration=blocks)

    @override
    def get(self, client: Any, where: Mapping[str, str], state: State) -> State | None:
        found = client.get_public_access_block(**where)["PublicAccessBlockConfiguration"]
        return {ours: bool(found.get(theirs)) for ours, theirs in _BLOCKS.items()}

    @override
    def drop(self, client: Any, where: Mapping[str, str], state: State) -> None:
        if not state.get("skipDestroy"):
            client.delete_public_access_block(**where)


class BucketServerSideEncryptionConfiguration(BucketSetting):
    """`aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration`."""

    type_name = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    noun = "S3 Bucket Server-side Encryption Configuration"
    missing = ("ServerSideEncryptionConfigurationNotFoundError",)
    retried = ("NoSuchBucket", "OperationAborted")
    schema = table(
        {
            "bucket": string(required=True, replaces=True),
            "expectedBucketOwner": string(replaces=True),
            "rules": documents(
                {
                    "applyServerSideEncryptionByDefault": document(
                        {"sseAlgorithm": string(required=True), "kmsMasterKeyId": string()}
                    ),
                    "bucketKeyEnabled": boolean(),
                },
                required=True,
            ),
        }
    )

    @override
    def put(self, client: Any, where: Mapping[str, str], new: State) -> None:
        rules = []
        for rule in new["rules"]:
            default = rule.get("applyServerSideEncryptionByDefault", {})
            named = {
                "SSEAlgorithm": default.get("sseAlgorithm"),
                "KMSMasterKeyID": default.get("kmsMasterKeyId"),
            }
            sent: dict[str, Any] = {"BucketKeyEnabled": bool(rule.get("bucketKeyEnabled"))}
            if default:
                sent["ApplyServerSideEncryptionByDefault"] = {
                    name: value for name, value in named.items() if value
                }
            rules.append(sent)
        client.put_bucket_encryption(**where, ServerSideEncryptionConfiguration={"Rules": rules})

    @override
    def get(self, client: Any, where: Mapping[str, str], state: State) -> State | None:
        found = client.get_bucket_encryption(**where)["ServerSideEncryptionConfiguration"]["Rules"]
        rules = []
        for each in found:
            rule: State = {"bucketKeyEnabled": bool(each.get("BucketKeyEnabled"))}
            default = each.get("ApplyServerSideEncryptionByDefault")
            if default:
                named = {
                    "sseAlgorithm": default.get("SSEAlgorithm"),
                    "kmsMasterKeyId": default.get("KMSMasterKeyID"),
                }
                rule["applyServerSideEncryptionByDefault"] = {
                    name: value for name, value in named.items() if value
                }
            rules.append(rule)
        return {"rules": rules}

    @override
    def drop(self, client: Any, where: Mapping[str, str], state: State) -> None:
        client.delete_bucket_encryption(**where)


class BucketOwnershipControls(BucketSetting):
    """`aws:s3/bucketOwnershipControls:BucketOwnershipControls`."""

    type_name = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    noun = "S3 Bucket Ownership Controls"
    missing = ("OwnershipControlsNotFoundError",)
    retried = ()
    schema = table(
        {
            "bucket": string(required=True, replaces=True),
            "rule": document({"objectOwnership": string(required=True)}, required=True),
        }
    )

    @override
    def put(self, client: Any, where: Mapping[str, str], new: State) -> None:
        rules = [{"ObjectOwnership": new["rule"]["objectOwnership"]}]
        client.put_bucket_ownership_controls(**where, OwnershipControls={"Rules": rules})

    @override
    def get(self, client: Any, where: Mapping[str, str], state: State) -> State | None:
        rules = client.get_bucket_ownership_controls(**where)["OwnershipControls"]["Rules"]
        return {"rule": {"objectOwnership": rules[0]["ObjectOwnership"]}}

    @override
    def drop(self, client: Any, where: Mapping[str, str], state: State) -> None:
        client.delete_bucket_ownership_controls(**where)


class BucketPolicy(BucketSetting):
    """`aws:s3/bucketPolicy:BucketPolicy`."""

    type_name = "aws:s3/bucketPolicy:BucketPolicy"
    noun = "S3 Bucket Policy"
    missing = ("NoSuchBucketPolicy",)
    retried = ("MalformedPolicy", "NoSuchBucket")
    schema = table({"bucket": string(required=True, replaces=True), "policy": policy(required=True)})

    @override
    def put(self, client: Any, where: Mapping[str, str], new: State) -> None:
        client.put_bucket_policy(**where, Policy=new["policy"])

    @override
    def get(self, client: Any, where: Mapping[str, str], state: State) -> State | None:
        found, kept = client.get_bucket_policy(**where)["Policy"], state.get("policy")
        return {"policy": kept if kept and same_json(kept, found) else found}

    @override
    def drop(self, client: Any, where: Mapping[str, str], state: State) -> None:
        client.delete_bucket_policy(**where)
