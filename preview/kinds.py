"""What is known of resource types: which hold data, and which are made anew by design."""

from __future__ import annotations

import re
from collections.abc import Mapping

LAYER = "lamina:index:LambdaLayer"
PYTHON_FUNCTION = "lamina:index:PythonFunction"
FUNCTION = "aws:lambda/function:Function"
ALIAS = "aws:lambda/alias:Alias"
INVOCATION = "aws:lambda/invocation:Invocation"
LAYER_VERSION = "aws:lambda/layerVersion:LayerVersion"
OBJECTS = frozenset(
    {
        "aws:s3/bucketObject:BucketObject",
        "aws:s3/bucketObjectv2:BucketObjectv2",
        "aws:s3/objectCopy:ObjectCopy",
    }
)

# What goes with a resource of a type when it is replaced or deleted.
_HOLDS: Mapping[str, str] = {
    "aws:apigateway/restApi:RestApi": "its address",
    "aws:apigatewayv2/api:Api": "its address",
    "aws:backup/vault:Vault": "its backups",
    "aws:cloudfront/distribution:Distribution": "its domain name",
    "aws:cloudwatch/logGroup:LogGroup": "its logs",
    "aws:codecommit/repository:Repository": "its history",
    "aws:cognito/userPool:UserPool": "its users",
    "aws:docdb/cluster:Cluster": "its data",
    "aws:dynamodb/table:Table": "its items",
    "aws:ebs/volume:Volume": "its data",
    "aws:ec2/eip:Eip": "its address",
    "aws:ec2/instance:Instance": "its disk and its address",
    "aws:ecr/repository:Repository": "its images",
    "aws:efs/fileSystem:FileSystem": "its files",
    "aws:eks/cluster:Cluster": "what runs in it",
    "aws:elasticache/cluster:Cluster": "its data",
    "aws:elasticache/replicationGroup:ReplicationGroup": "its data",
    "aws:elasticsearch/domain:Domain": "its data",
    "aws:fsx/lustreFileSystem:LustreFileSystem": "its files",
    "aws:fsx/ontapFileSystem:OntapFileSystem": "its files",
    "aws:fsx/openZfsFileSystem:OpenZfsFileSystem": "its files",
    "aws:fsx/windowsFileSystem:WindowsFileSystem": "its files",
    "aws:keyspaces/table:Table": "its rows",
    "aws:kinesis/stream:Stream": "its records",
    "aws:kms/key:Key": "whatever it encrypts",
    "aws:lambda/function:Function": "its published versions, which rollbacks need",
    "aws:lightsail/database:Database": "its data",
    "aws:memorydb/cluster:Cluster": "its data",
    "aws:mq/broker:Broker": "its messages",
    "aws:msk/cluster:Cluster": "its data",
    "aws:neptune/cluster:Cluster": "its data",
    "aws:opensearch/domain:Domain": "its data",
    "aws:rds/cluster:Cluster": "its data",
    "aws:rds/instance:Instance": "its data",
    "aws:redshift/cluster:Cluster": "its data",
    "aws:route53/zone:Zone": "its records and its name servers",
    "aws:s3/bucket:Bucket": "what is in it",
    "aws:s3/bucketV2:BucketV2": "what is in it",
    "aws:secretsmanager/secret:Secret": "its values",
    "aws:sns/topic:Topic": "its subscriptions",
    "aws:sqs/queue:Queue": "the messages that wait in it",
    "aws:ssm/parameter:Parameter": "its history",
    "aws:timestreamwrite/table:Table": "its records",
}
# The types of other providers by their names, of which there are too many to list.
_STATEFUL_NAME = re.compile(
    r"(Bucket|Cluster|Database|DatabaseInstance|DBCluster|DBInstance|Disk|PersistentVolumeClaim|PersistentVolume"
    r"|Queue|Repository|Secret|StatefulSet|StorageAccount|FileShare|Table|Topic|Volume|Keyspace|Namespace"
    r"|CryptoKey|KeyVault|Vault|Zone)(V\d|v\d)?$"
)
# Versions, revisions and runs: each is another thing, and a change is a new one.
_REVISIONS = frozenset(
    {
        INVOCATION,
        LAYER_VERSION,
        "aws:apigateway/deployment:Deployment",
        "aws:apigatewayv2/deployment:Deployment",
        "aws:ec2/launchConfiguration:LaunchConfiguration",
        "aws:ecs/taskDefinition:TaskDefinition",
        "aws:lambda/layerVersionPermission:LayerVersionPermission",
        "aws:secretsmanager/secretVersion:SecretVersion",
        "command:local:Command",
        "command:remote:Command",
        "null:index/resource:Resource",
        "time:index/static:Static",
    }
)
# Inputs that programs give for no other purpose than to have a resource made anew.
_TRIGGERS = frozenset({"keepers", "replacementTrigger", "triggers", "triggersReplace"})
_TRIGGERED_PACKAGES = ("command:", "docker:", "docker-build:", "null:", "random:", "time:")


def held_by(type_: str) -> str:
    """What is lost with a resource of this type, such as `what is in it`; empty where nothing is."""
    if type_ in _HOLDS:
        return _HOLDS[type_]
    name = type_.rpartition(":")[2]
    # The parts of a bucket, such as its policy, are types of the same module with longer names.
    return "its data" if not type_.startswith("aws:") and _STATEFUL_NAME.search(name) else ""


def is_remade_by_design(type_: str, reasons: tuple[str, ...], *, retained: bool) -> bool:
    """Whether a replacement is how resources of this type change.

    Args:
        type_: of the resource.
        reasons: the properties that force it.
        retained: whether the old one stays where it is.
    """
    if type_ in _REVISIONS:
        return True
    if type_ in OBJECTS:
        # Another key is another object; another bucket is a move that somebody has to look at.
        return "bucket" not in reasons and (retained or "key" in reasons)
    triggered = bool(reasons) and _TRIGGERS.issuperset(reasons)
    return triggered and (type_.startswith(_TRIGGERED_PACKAGES) or not held_by(type_))
