"""SQS with several consumers at once, in place of moto's own, which takes no locks.

moto deletes a message by writing the queue's list anew, which loses a message that is sent meanwhile; it
lets two consumers receive one message at the same time; and once the messages of a FIFO group are visible
again, it hands out the last of them first. It also forgets a queue's policy when another attribute is set.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from moto.sqs.models import Message, Queue, SQSBackend

LOOK_SECONDS = 0.05
# One lock for all queues: a queue takes the lock of its dead-letter queue, and two may be each other's.
_LOCK = threading.RLock()
_RECEIVE = SQSBackend.receive_message
_SET_ATTRIBUTES = Queue._set_attributes  # noqa: SLF001 - the one place where moto changes them
_ALONE = (
    (Queue, "add_message"),
    (Queue, "delete_message"),
    (SQSBackend, "change_message_visibility"),
    (SQSBackend, "purge_queue"),
)


@contextmanager
def faithful_queues() -> Iterator[None]:
    """Makes moto's queues safe for several consumers, as long as the context lasts."""
    with ExitStack() as patches:
        patches.enter_context(mock.patch.object(SQSBackend, "receive_message", receive))
        for owner, name in _ALONE:
            patches.enter_context(mock.patch.object(owner, name, _alone(getattr(owner, name))))
        patches.enter_context(mock.patch.object(Queue, "_set_attributes", _set_attributes))
        yield


def _set_attributes(queue: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
    """Changes attributes; a policy that is not among them stays, which moto takes away."""
    kept = {} if "Policy" in attributes else {"Policy": getattr(queue, "policy", None)}
    _SET_ATTRIBUTES(queue, {**attributes, **kept}, now)


def receive(  # noqa: PLR0917 - moto's own signature
    backend: SQSBackend,
    queue_name: str,
    count: int,
    wait_seconds_timeout: int,
    visibility_timeout: int,
    message_attribute_names: list[str] | None = None,
) -> list[Message]:
    """Receives messages; what waits for some holds up nobody else.

    Args:
        backend: SQS of a region.
        queue_name: of the queue.
        count: how many messages at most.
        wait_seconds_timeout: how long to wait for the first one.
        visibility_timeout: for how many seconds they are hidden.
        message_attribute_names: which attributes to give.

    Returns:
        The messages, those of a FIFO group in the order in which they were sent.
    """
    until = time.monotonic() + wait_seconds_timeout
    while True:
        with _LOCK:
            _give_back(backend.get_queue(queue_name))
            found = _RECEIVE(backend, queue_name, count, 0, visibility_timeout, message_attribute_names)
        if found or time.monotonic() >= until:
            return found
        time.sleep(LOOK_SECONDS)


def _give_back(queue: Queue) -> None:
    """Frees the groups of all messages that nobody deleted in time, before the first of them is looked at."""
    pending = queue.pending_messages
    pending.difference_update([message for message in pending if message.visible])


def _alone(method: Callable[..., Any]) -> Callable[..., Any]:
    def locked(*arguments: Any, **named: Any) -> Any:
        with _LOCK:
            return method(*arguments, **named)

    return locked
