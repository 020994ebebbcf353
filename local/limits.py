"""What Lambda limits, in one table with the sources; sizes are bytes.

Unless another is named, the source is the AWS documentation's page "Lambda quotas".
"""

from __future__ import annotations

MEGABYTE = 1024 * 1024

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
