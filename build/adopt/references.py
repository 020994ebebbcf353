"""What in a state refers to a function: by its ARN or its name, with an alias or without."""

from __future__ import annotations

import re

from .state import Found

# What happens to whatever does not go by a published version.
HALF = "until the first up has ended it meets code, layer and settings half changed"
# An ARN of a function, of one of its versions or of an alias, alone or within what an integration calls.
_ARN = re.compile(r":function:(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>[A-Za-z0-9_$-]+))?")


def name_of(function: Found) -> str:
    """A function's name."""
    return function.text("function_name") or function.text("id")


def named(text: str) -> tuple[str, str]:
    """The function that a text names, as `NAME[:QUALIFIER]` or in an ARN: its name, its qualifier or ""."""
    found = _ARN.search(text)
    if found:
        return found["name"], found["qualifier"] or ""
    name, _, qualifier = text.partition(":")
    return name, qualifier


def refers(text: str, function: Found) -> bool:
    """Whether a text names a function, whatever its qualifier."""
    return bool(text) and named(text)[0] == name_of(function)


def called(found: Found) -> str:
    """What a mapping, an integration or a target of a rule calls; empty for anything else."""
    attributes = {
        "aws_lambda_event_source_mapping": "function_name",
        "aws_apigatewayv2_integration": "integration_uri",
        "aws_cloudwatch_event_target": "arn",
    }
    attribute = attributes.get(found.type)
    return found.text(attribute) if attribute else ""


def unqualified(found: Found) -> list[str]:
    """What people should know of what calls a function itself; nothing of what calls an alias."""
    if named(called(found))[1]:
        return []
    return [
        f"calls the function itself and no alias: {HALF}; let it call an alias of a published version first"
    ]
