"""How a bucket encrypts its objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from .s3_setting import BucketSetting
from .schema import boolean, document, documents, string, table
from .values import State


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
