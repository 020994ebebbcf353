"""The queue of a state, its dead-letter queue, and the mapping that hands its messages to the worker."""

from __future__ import annotations

from .immutable import cannot_change, unlike
from .matcher import Matcher, own_id
from .references import called, refers, unqualified
from .state import Found


def match_queue(matcher: Matcher, worker: Found | None) -> None:
    """Matches the queue, its dead-letter queue and the mapping to the worker."""
    mappings = [
        each
        for each in matcher.all("aws_lambda_event_source_mapping")
        if worker is not None and refers(called(each), worker) and ":sqs:" in each.text("event_source_arn")
    ]
    sources = {each.text("event_source_arn") for each in mappings}
    queue = _queue(matcher, "WorkQueue/Queue/thumbnails", sources)
    _queue(matcher, "WorkQueue/Queue/thumbnails-dead", {_dead_letter(matcher, queue)} if queue else set())
    source = queue.text("arn") if queue else "that of a new queue"
    matcher.take(
        "QueueWorker/EventSourceMapping/thumbnails",
        [each for each in mappings if queue is None or each.text("event_source_arn") == source],
        identity=lambda mapping: mapping.text("uuid") or own_id(mapping),
        unfit=lambda mapping: unlike(mapping, {"event_source_arn": source}),
        notes=unqualified,
    )


def _queue(matcher: Matcher, path: str, arns: set[str]) -> Found | None:
    return matcher.take(
        path,
        [each for each in matcher.all("aws_sqs_queue") if each.text("arn") in arns],
        identity=_url,
        name=lambda queue: _url(queue).rpartition("/")[2],
        unfit=_fifo,
    )


def _dead_letter(matcher: Matcher, queue: Found) -> str:
    """The ARN of a queue's dead-letter queue, which may be said by a resource of its own; empty for none."""
    policies = [queue, *matcher.all("aws_sqs_queue_redrive_policy")]
    found = (
        each.document("redrive_policy").get("deadLetterTargetArn")
        for each in policies
        if each is queue or each.text("queue_url") == _url(queue)
    )
    return next((each for each in found if isinstance(each, str)), "")


def _fifo(queue: Found) -> str:
    return cannot_change("its fifo_queue is true, not false") if queue.values.get("fifo_queue") else ""


def _url(queue: Found) -> str:
    return queue.text("url") or own_id(queue)
