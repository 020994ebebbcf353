"""When the objects of a bucket, and their old versions, expire."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from typing_extensions import override

from .aws import Aws
from .s3_setting import BucketSetting
from .schema import boolean, document, documents, integer, mapping, string, table
from .values import State

_TAG = {"key": string(required=True), "value": string(required=True)}
_TRANSITION = {"date": string(), "days": integer(), "storageClass": string(required=True)}
_RULE = {
    "id": string(required=True),
    "status": string(required=True),
    "abortIncompleteMultipartUpload": document({"daysAfterInitiation": integer()}),
    "expiration": document(
        {
            "date": string(),
            "days": integer(computed=True),
            "expiredObjectDeleteMarker": boolean(computed=True),
        }
    ),
    "filter": document(
        {
            "and": document(
                {
                    "objectSizeGreaterThan": integer(),
                    "objectSizeLessThan": integer(),
                    "prefix": string(),
                    "tags": mapping(),
                }
            ),
            "objectSizeGreaterThan": integer(computed=True),
            "objectSizeLessThan": integer(computed=True),
            "prefix": string(computed=True),
            "tag": document(_TAG),
        },
        computed=True,
    ),
    "noncurrentVersionExpiration": document(
        {"noncurrentDays": integer(required=True), "newerNoncurrentVersions": integer()}
    ),
    "noncurrentVersionTransitions": documents(
        {
            "noncurrentDays": integer(required=True),
            "newerNoncurrentVersions": integer(),
            "storageClass": string(required=True),
        }
    ),
    "prefix": string(computed=True),
    "transitions": documents(_TRANSITION),
}


class BucketLifecycleConfiguration(BucketSetting):
    """`aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration`."""

    type_name = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    noun = "S3 Bucket Lifecycle Configuration"
    missing = ("NoSuchLifecycleConfiguration",)
    schema = table(
        {
            "bucket": string(required=True, replaces=True),
            "expectedBucketOwner": string(computed=True, replaces=True),
            "rules": documents(_RULE),
            "transitionDefaultMinimumObjectSize": string(computed=True),
        },
        refused=("timeouts",),
    )

    @override
    def put(self, client: Any, where: Mapping[str, str], new: State) -> None:
        rules = [_to_s3(rule) for rule in new.get("rules", [])]
        client.put_bucket_lifecycle_configuration(**where, LifecycleConfiguration={"Rules": rules})

    @override
    def get(self, client: Any, where: Mapping[str, str], state: State) -> State | None:
        found = client.get_bucket_lifecycle_configuration(**where)
        if not found.get("Rules"):
            return None
        return {
            "rules": [_from_s3(rule) for rule in found["Rules"]],
            "expectedBucketOwner": state.get("expectedBucketOwner", ""),
            "transitionDefaultMinimumObjectSize": found.get(
                "TransitionDefaultMinimumObjectSize", "all_storage_classes_128K"
            ),
        }

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        self._wait_equal(aws, new, f"waiting for {self.noun} ({identity}) create")

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        super().update(aws, identity, old, new, changed)
        self._wait_equal(aws, new, f"waiting for {self.noun} ({identity}) update")

    def _wait_equal(self, aws: Aws, new: State, what: str) -> None:
        wanted = [rule["id"] for rule in new.get("rules", [])]

        def equal() -> bool:
            found = self._found(aws, new)
            return found is not None and [rule["id"] for rule in found["rules"]] == wanted

        with aws.doing(what):
            aws.clock.wait(equal, what=what, within=3 * 60.0, times=3)

    @override
    def drop(self, client: Any, where: Mapping[str, str], state: State) -> None:
        client.delete_bucket_lifecycle(**where)


_SCALARS = {
    "id": "ID",
    "status": "Status",
    "date": "Date",
    "days": "Days",
    "prefix": "Prefix",
    "daysAfterInitiation": "DaysAfterInitiation",
    "expiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
    "noncurrentDays": "NoncurrentDays",
    "newerNoncurrentVersions": "NewerNoncurrentVersions",
    "objectSizeGreaterThan": "ObjectSizeGreaterThan",
    "objectSizeLessThan": "ObjectSizeLessThan",
    "storageClass": "StorageClass",
    "key": "Key",
    "value": "Value",
}
_NESTED = {
    "abortIncompleteMultipartUpload": "AbortIncompleteMultipartUpload",
    "expiration": "Expiration",
    "noncurrentVersionExpiration": "NoncurrentVersionExpiration",
    "tag": "Tag",
    "and": "And",
    "filter": "Filter",
}
_LISTS = {"noncurrentVersionTransitions": "NoncurrentVersionTransitions", "transitions": "Transitions"}


def _to_s3(given: Mapping[str, Any], *, rule: bool = True) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for name, value in given.items():
        if name in _SCALARS:
            sent[_SCALARS[name]] = value
        elif name in _NESTED:
            sent[_NESTED[name]] = _to_s3(value, rule=False)
        elif name in _LISTS:
            sent[_LISTS[name]] = [_to_s3(item, rule=False) for item in value]
        elif name == "tags":
            sent["Tags"] = [{"Key": key, "Value": text} for key, text in value.items()]
    if rule and not sent.get("Prefix"):
        sent.pop("Prefix", None)
        sent["Filter"] = sent.get("Filter") or {"Prefix": ""}
    return sent


def _from_s3(found: Mapping[str, Any]) -> State:
    kept: State = {name: found[theirs] for name, theirs in _SCALARS.items() if found.get(theirs) is not None}
    kept |= {name: _from_s3(found[theirs]) for name, theirs in _NESTED.items() if theirs in found}
    kept |= {
        name: [_from_s3(item) for item in found[theirs]]
        for name, theirs in _LISTS.items()
        if found.get(theirs)
    }
    if found.get("Tags"):
        kept["tags"] = {each["Key"]: each["Value"] for each in found["Tags"]}
    if "date" in kept and not isinstance(kept["date"], str):
        kept["date"] = kept["date"].strftime("%Y-%m-%dT%H:%M:%SZ")
    return kept
