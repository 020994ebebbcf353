"""Every resource type that the stand-in knows, by its type_name."""

from __future__ import annotations

from collections.abc import Mapping

from .alarms import MetricAlarm
from .apigateway import Api, Integration, Route, Stage
from .errors import UnknownNameError
from .events import EventRule, EventTarget
from .iam import Role, RolePolicy, RolePolicyAttachment
from .lambda_alias import Alias, FunctionEventInvokeConfig
from .lambda_function import Function
from .lambda_invocation import Invocation
from .lambda_layer import LayerVersion, LayerVersionPermission
from .lambda_mapping import EventSourceMapping
from .lambda_permission import Permission
from .logs import LogGroup
from .resource import Resource
from .s3_bucket import Bucket
from .s3_lifecycle import BucketLifecycleConfiguration
from .s3_object import BucketObject
from .s3_settings import (
    BucketOwnershipControls,
    BucketPolicy,
    BucketPublicAccessBlock,
    BucketServerSideEncryptionConfiguration,
    BucketVersioning,
)
from .sqs import Queue, QueuePolicy, RedrivePolicy

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
