"""Every resource type that the stand-in knows, by its type_name."""

from __future__ import annotations

from collections.abc import Mapping

from .alarms import MetricAlarm
from .api import Api
from .api_integration import Integration
from .api_route import Route
from .api_stage import Stage
from .errors import UnknownNameError
from .event_rule import EventRule
from .event_target import EventTarget
from .iam_attachment import RolePolicyAttachment
from .iam_role import Role
from .iam_role_policy import RolePolicy
from .lambda_alias import Alias
from .lambda_event_invoke import FunctionEventInvokeConfig
from .lambda_function import Function
from .lambda_invocation import Invocation
from .lambda_layer import LayerVersion
from .lambda_layer_permission import LayerVersionPermission
from .lambda_mapping import EventSourceMapping
from .lambda_permission import Permission
from .logs import LogGroup
from .resource import Resource
from .s3_access import BucketOwnershipControls, BucketPolicy, BucketPublicAccessBlock
from .s3_bucket import Bucket
from .s3_encryption import BucketServerSideEncryptionConfiguration
from .s3_lifecycle import BucketLifecycleConfiguration
from .s3_object import BucketObject
from .s3_versioning import BucketVersioning
from .sqs_policies import QueuePolicy, RedrivePolicy
from .sqs_queue import Queue

RESOURCES: Mapping[str, Resource] = {
    each.type_name: each()
    for each in (
        Alias,
        Api,
        Bucket,
        BucketLifecycleConfiguration,
        BucketObject,
        BucketOwnershipControls,
        BucketPolicy,
        BucketPublicAccessBlock,
        BucketServerSideEncryptionConfiguration,
        BucketVersioning,
        EventRule,
        EventSourceMapping,
        EventTarget,
        Function,
        FunctionEventInvokeConfig,
        Integration,
        Invocation,
        LayerVersion,
        LayerVersionPermission,
        LogGroup,
        MetricAlarm,
        Permission,
        Queue,
        QueuePolicy,
        RedrivePolicy,
        Role,
        RolePolicy,
        RolePolicyAttachment,
        Route,
        Stage,
    )
}


def resource_type(type_name: str) -> Resource:
    """The resource type with this type_name.

    Raises:
        UnknownNameError: when the stand-in does not know it.
    """
    found = RESOURCES.get(type_name)
    if found is None:
        raise UnknownNameError(f"the resource type {type_name} is not known to the stand-in")
    return found
