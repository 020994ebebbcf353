"""The worker: renders a line for each message of the queue."""

from typing import Any

from jinja2 import Template

LINE = Template("job {{ number }}: {{ body }}")


def handler(event: dict[str, Any], _context: object) -> list[str]:
    """Takes an event of SQS."""
    return [LINE.render(number=number, body=each["body"]) for number, each in enumerate(event["Records"], 1)]
