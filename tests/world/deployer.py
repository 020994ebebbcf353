"""The rights that calls of AWS need, and those that the policies in docs/ give to deployers and operators."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Mapping
from typing import Any

from .processes import ROOT

# Where an operation's right has another name (Service Authorization Reference, each service's actions).
_ACTIONS = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
# Where a service signs its requests with another name than its rights have (the same, "service prefix").
_PREFIXES = {"monitoring": "cloudwatch"}
# API Gateway's rights are called by the methods of HTTP (Service Authorization Reference, API Gateway V2).
_METHODS = {"Create": "POST", "Delete": "DELETE", "Get": "GET", "Update": "PATCH"}
# AWS STS API reference, GetCallerIdentity: no right is needed for it.
_FREE = {"sts:GetCallerIdentity"}

# What AWS asks of a caller without a call of its own, and where it says so.
IMPLIED = {
    "iam:PassRole": "AWS Lambda Developer Guide, execution role: whoever gives a function its role",
    "lambda:TagResource": "AWS Lambda Developer Guide, tags on functions: whoever makes one that has tags",
    "logs:CreateLogDelivery": "API Gateway Developer Guide, logging for HTTP APIs: of whoever configures it",
    "logs:DeleteLogDelivery": "the same",
    "logs:DescribeResourcePolicies": "the same",
    "logs:GetLogDelivery": "the same",
    "logs:ListLogDeliveries": "the same",
    "logs:PutResourcePolicy": "the same",
    "logs:UpdateLogDelivery": "the same",
    "s3:DeleteObjectVersion": "Amazon S3 User Guide, deleting versions: DeleteObject with a version's id",
}
# What only other changes than the tests' call, or the repair of one that was made outside.
OTHERS = {
    "apigateway:PATCH",
    "iam:UpdateAssumeRolePolicy",
    "lambda:UntagResource",
    "lambda:UpdateAlias",
    "lambda:UpdateEventSourceMapping",
    "lambda:UpdateFunctionCode",
    "sqs:SetQueueAttributes",
}


def rights_of(calls: Iterable[Mapping[str, Any]]) -> set[str]:
    """The rights that recorded calls needed."""
    return {_right(each["service"], each["operation"]) for each in calls} - _FREE


def _right(service: str, operation: str) -> str:
    if service == "apigateway":
        return f"apigateway:{next(_METHODS[verb] for verb in _METHODS if operation.startswith(verb))}"
    action = f"{_PREFIXES.get(service, service)}:{operation}"
    return _ACTIONS.get(action, action)


def statements(*kinds: str, of: str = "deployer") -> list[dict[str, Any]]:
    """A policy's statements of these kinds, such as `Look`, `Change`, `Remove`."""
    policy = json.loads((ROOT / f"docs/{of}-policy.json").read_text("utf-8"))
    return [each for each in policy["Statement"] if each["Sid"].startswith(kinds)]


def rights(*kinds: str, of: str = "deployer") -> set[str]:
    """The rights that they give."""
    return {action for each in statements(*kinds, of=of) for action in each["Action"]}


def covers(arn: str, stack: str) -> bool:
    """Whether some statement is about a resource of a stack; the document's own is called `staging`."""
    patterns = {pattern.replace("staging", stack) for each in statements("") for pattern in each["Resource"]}
    return any(fnmatch.fnmatchcase(arn, pattern) for pattern in patterns - {"*"})
