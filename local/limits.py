"""What AWS limits of that which a stack can meet, in one table with the sources; sizes are bytes.

Each source is a page of the AWS documentation. Limits that the SDK's own descriptions of the services hold
(`service-2.json`: most lengths, patterns and ranges of Lambda, IAM, EventBridge and CloudWatch Logs) are read
from there: by `local.functions.constraints` for Lambda, by `local.aws.quotas` for the others.
"""

from __future__ import annotations

MEGABYTE = 1024 * 1024

# Lambda. Unless another page is named: "Lambda quotas".
# "Compute and storage": all functions and layers of a region together.
CODE_STORAGE = 75 * 1024 * MEGABYTE
# "Function configuration, deployment, and execution"
MEMORY = range(128, 10_240 + 1)  # MB
TIMEOUT = range(1, 900 + 1)  # seconds
ENVIRONMENT = 4 * 1024  # all variables of a function as JSON
RESOURCE_POLICY = 20 * 1024
LAYERS = 5
PAYLOAD_SYNCHRONOUS = 6 * MEGABYTE
PAYLOAD_ASYNCHRONOUS = MEGABYTE  # 256 KB until October 2025
ZIP_UPLOADED = 50 * MEGABYTE  # in the request itself; zips in S3 have only the unzipped limit
UNZIPPED = 250 * MEGABYTE  # code and all layers together
EPHEMERAL_STORAGE = range(512, 10_240 + 1)  # MB
# API reference, CreateFunction, "FunctionName": 64 characters for the name alone.
FUNCTION_NAME = 64
# Page "Configuring function weights" ("Lambda aliases: weighted"): one version besides the alias' own.
ADDITIONAL_VERSIONS = 1
# API reference, "LogType": the last 4 KB of the log.
LOG_TAIL = 4 * 1024
# Page "Concurrency": for a new region; 100 of them cannot be reserved.
CONCURRENT_EXECUTIONS = 1000
UNRESERVED_CONCURRENCY = 100
# Page "Creating and configuring an Amazon SQS event source mapping".
BATCH_OF_STANDARD_QUEUE = 10_000
BATCH_OF_FIFO_QUEUE = 10
BATCH_WITHOUT_WINDOW = 10
# Page "How Lambda handles errors and retries with asynchronous invocation".
ASYNC_RETRIES = 2
ASYNC_RETRY_SECONDS = (60.0, 120.0)
ASYNC_THROTTLE_SECONDS = 5 * 60  # the longest wait after a throttle; the first is a second
ASYNC_AGE_SECONDS = 6 * 60 * 60
# API reference, "MaxItems" of the list operations.
PAGE = 50
# Page "Using Lambda environment variables", "Defined runtime environment variables", the reserved ones.
RESERVED_VARIABLES = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
)

# S3. Page "General purpose bucket naming rules".
BUCKET_NAME = range(3, 63 + 1)  # characters
BUCKET_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
BUCKET_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
# Page "Naming Amazon S3 objects": of the key in UTF-8.
OBJECT_KEY = 1024
# Page "Working with object metadata": all names and values of the user's metadata.
OBJECT_METADATA = 2 * 1024
# Page "Using cost allocation S3 bucket tags".
BUCKET_TAGS = 50

# IAM. Page "IAM and AWS STS quotas": sizes are characters, white space does not count.
INLINE_POLICIES = 10_240  # all of a role together
TRUST_POLICY = 2048
POLICIES_OF_ROLE = 10

# SQS. API reference, "CreateQueue" and "SetQueueAttributes": the ranges of the attributes.
QUEUE_ATTRIBUTES = {
    "DelaySeconds": range(900 + 1),
    "KmsDataKeyReusePeriodSeconds": range(60, 86_400 + 1),
    "MaximumMessageSize": range(1024, MEGABYTE + 1),
    "MessageRetentionPeriod": range(60, 14 * 86_400 + 1),
    "ReceiveMessageWaitTimeSeconds": range(20 + 1),
    "VisibilityTimeout": range(12 * 3600 + 1),
}
# Page "Amazon SQS message quotas"; names of queues, batches of ten and what is received at once are moto's.
MESSAGE = MEGABYTE  # a batch as well; 256 KB until August 2025
MESSAGE_ATTRIBUTES = 10
# API reference, "SetQueueAttributes", "RedrivePolicy".
RECEIVE_COUNT = range(1, 1000 + 1)

# EventBridge. Page "Amazon EventBridge quotas".
RULES_OF_BUS = 300
TARGETS_OF_RULE = 5

# CloudWatch Logs. API reference, "PutRetentionPolicy": in days.
RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip

# API Gateway. Page "Quotas for configuring and running an HTTP API in API Gateway".
ROUTES_OF_API = 300
INTEGRATIONS_OF_API = 300
STAGES_OF_API = 10
# The same API's reference, "Apis", "Stages", "Routes" and "Integrations", for the kinds of strings.
API_NAME = 128
API_DESCRIPTION = 1024
STAGE_NAME = 128
