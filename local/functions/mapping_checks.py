"""What Lambda refuses of an event source mapping."""

from __future__ import annotations

from local import limits

from .errors import conflict, invalid
from .queues import find_queue, visibility_timeout
from .records import Mapped
from .roles import allows
from .store import Region
from .versions import find_function, find_version

# AWS docs, "Creating and configuring an Amazon SQS event source mapping", "execution role permissions".
QUEUE_ACTIONS = {
    "sqs:ReceiveMessage": "ReceiveMessage",
    "sqs:DeleteMessage": "DeleteMessage",
    "sqs:GetQueueAttributes": "GetQueueAttributes",
}


def check_mapping(region: Region, mapped: Mapped) -> None:
    """Refuses a mapping that the function, the queue or the role does not allow.

    Raises:
        LambdaError: which of them, in AWS's words.
    """
    if mapped.source_arn.split(":")[2] != "sqs":
        raise invalid(
            "The local Lambda service serves event source mappings of SQS queues only, "
            f"not of {mapped.source_arn}"
        )
    function, _ = find_function(region, mapped.function, mapped.qualifier)
    version = find_version(region, function, mapped.qualifier)
    queue = find_queue(region.place, mapped.source_arn)
    if queue is None:
        raise invalid(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist for this wsdl version."
        )
    for action, name in QUEUE_ACTIONS.items():
        if not allows(region.place, version.configuration.role, action, mapped.source_arn):
            raise invalid(f"The function execution role does not have permissions to call {name} on SQS")
    timeout = visibility_timeout(queue)
    if timeout < version.configuration.timeout:
        raise invalid(
            f"Queue visibility timeout: {timeout} seconds is less than Function timeout: "
            f"{version.configuration.timeout} seconds"
        )
    _check_batch(mapped, fifo=bool(queue.fifo_queue))


def _check_batch(mapped: Mapped, *, fifo: bool) -> None:
    most = limits.BATCH_OF_FIFO_QUEUE if fifo else limits.BATCH_OF_STANDARD_QUEUE
    if mapped.batch_size > most:
        raise invalid(f"Maximum batch size for this event source is {most}.")
    if fifo and mapped.window:
        raise invalid("Batching window is not supported for FIFO queues.")
    if mapped.batch_size > limits.BATCH_WITHOUT_WINDOW and not mapped.window:
        raise invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than "
            f"{limits.BATCH_WITHOUT_WINDOW}"
        )


def check_new(region: Region, mapped: Mapped) -> None:
    """Refuses a second mapping of a queue to the same function, version or alias.

    Raises:
        LambdaError: it names the one that there is.
    """
    for other in region.mappings.values():
        if (other.source_arn, other.function, other.qualifier) == (
            mapped.source_arn,
            mapped.function,
            mapped.qualifier,
        ):
            raise conflict(
                f'An event source mapping with SQS arn (" {mapped.source_arn} ") and function '
                f'(" {mapped.function} ") already exists. Please update or delete the existing mapping with '
                f"UUID {other.uuid}"
            )
