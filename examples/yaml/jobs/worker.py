"""Works the queue off: each message becomes an object of the results' bucket."""

import os
from typing import Any

import boto3
import isodate

Event = dict[str, Any]


def handler(event: Event, _context: Any) -> Event:
    """Stores each job under its date; the smoke test only reads a date."""
    if event.get("smoke"):
        return {"smoke": "passed" if isodate.parse_date("2030-01-31").day == 31 else "failed"}
    for message in event["Records"]:
        day = isodate.parse_date(message["body"]).isoformat()
        boto3.client("s3").put_object(
            Bucket=os.environ["JOBS_RESULTS"], Key=f"jobs/{day}/{message['messageId']}", Body=message["body"]
        )
    return {"batchItemFailures": []}
