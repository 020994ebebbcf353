"""The properties of a Lambda function."""

from __future__ import annotations

from .schema import (
    AutoName,
    Kind,
    Property,
    boolean,
    document,
    integer,
    mapping,
    output,
    string,
    string_set,
    strings,
    table,
)

SCHEMA = table(
    {
        "architectures": strings(computed=True),
        "code": Property(Kind.ARCHIVE),
        "codeSha256": string(computed=True),
        "codeSigningConfigArn": string(),
        "deadLetterConfig": document({"targetArn": string(required=True)}),
        "description": string(),
        "environment": document({"variables": mapping()}),
        "ephemeralStorage": document({"size": integer(computed=True)}, computed=True),
        "handler": string(),
        "kmsKeyArn": string(),
        "layers": strings(),
        "loggingConfig": document(
            {
                "logFormat": string(required=True),
                "applicationLogLevel": string(),
                "logGroup": string(computed=True),
                "systemLogLevel": string(),
            },
            computed=True,
        ),
        "memorySize": integer(default=128),
        "name": string(replaces=True, auto_name=AutoName(64)),
        "packageType": string(default="Zip", replaces=True),
        "publish": boolean(default=False),
        "reservedConcurrentExecutions": integer(default=-1),
        "role": string(required=True),
        "runtime": string(),
        "s3Bucket": string(),
        "s3Key": string(),
        "s3ObjectVersion": string(),
        "skipDestroy": boolean(default=False),
        "snapStart": document(
            {"applyOn": string(required=True), "optimizationStatus": string(computed=True)}
        ),
        "sourceCodeHash": string(computed=True),
        "sourceKmsKeyArn": string(),
        "timeout": integer(default=3),
        "tracingConfig": document({"mode": string(required=True)}, computed=True),
        "useResourceTimeoutForPropagation": boolean(),
        "vpcConfig": document(
            {
                "ipv6AllowedForDualStack": boolean(),
                "securityGroupIds": string_set(required=True),
                "subnetIds": string_set(required=True),
                "vpcId": string(computed=True),
            }
        ),
        "arn": output(),
        "invokeArn": output(),
        "lastModified": output(),
        "qualifiedArn": output(),
        "qualifiedInvokeArn": output(),
        "responseStreamingInvokeArn": output(),
        "signingJobArn": output(),
        "signingProfileVersionArn": output(),
        "sourceCodeSize": output(Kind.INTEGER),
        "version": output(),
    },
    tags=True,
    refused=(
        "capacityProviderConfig", "durableConfig", "fileSystemConfig", "imageConfig", "imageUri",
        "publishTo", "replaceSecurityGroupsOnDestroy", "replacementSecurityGroupIds", "tenancyConfig",
    ),
)  # fmt: skip
