"""Who reaches a bucket's objects, and whose they are: public access, ownership, policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from .policy_document import same_json
from .s3_setting import BucketSetting
from .schema import boolean, document, policy, string, table
from .values import State

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
