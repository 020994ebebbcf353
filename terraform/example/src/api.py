"""The HTTP API: greets whoever asks, in a page that the layer's jinja2 makes."""

from typing import Any

from jinja2 import Template

PAGE = Template("<p>Hello, {{ name }}!</p>", autoescape=True)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answers an event of an HTTP API, payload format 2.0."""
    name = (event.get("queryStringParameters") or {}).get("name", "world")
    return {"statusCode": 200, "headers": {"content-type": "text/html"}, "body": PAGE.render(name=name)}
