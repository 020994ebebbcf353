"""What a scheduled rule sends to a target: the event itself, or what the target makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.parser import parse

_PLACE = re.compile(r"<([^<>\s]+)>")
_ESCAPES_OR_QUOTES = re.compile(r'\\.|"')


class InputError(Exception):
    """A target's input cannot be made; the message says why."""


def scheduled_event(*, rule_arn: str, identity: str, time: str) -> dict[str, Any]:
    """Gives the event of a scheduled rule (AWS docs, "Events from AWS services", "Scheduled event").

    Args:
        rule_arn: of the rule.
        identity: the event's id.
        time: such as `2026-11-23T11:02:17Z`.
    """
    _, _, _, region, account, _ = rule_arn.split(":", 5)
    return {
        "version": "0",
        "id": identity,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account,
        "time": time,
        "region": region,
        "resources": [rule_arn],
        "detail": {},
    }


def input_of(target: Mapping[str, Any], event: Mapping[str, Any]) -> bytes:
    """Gives what a target gets.

    AWS docs, "Amazon EventBridge input transformation": a part of the event, a constant, or a template.

    Args:
        target: as `PutTargets` takes it.
        event: the rule's event.

    Returns:
        JSON.

    Raises:
        InputError: a path is none, or what comes out is no JSON.
    """
    if "Input" in target:
        made = str(target["Input"])
    elif "InputPath" in target:
        made = json.dumps(_at(target["InputPath"], event))
    elif "InputTransformer" in target:
        made = _transformed(target["InputTransformer"], event)
    else:
        made = json.dumps(event)
    try:
        json.loads(made)
    except ValueError as error:
        raise InputError(f"its input is no JSON: {error}") from error
    return made.encode()


def _at(path: str, event: Mapping[str, Any]) -> Any:
    """Gives the value at a JSON path; None where there is none."""
    try:
        found = parse(path).find(event)
    except (JSONPathError, ValueError, AttributeError) as error:
        raise InputError(f"{path!r} is no JSON path: {error}") from error
    return found[0].value if found else None


def _transformed(transformer: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    rule_arn = event["resources"][0]
    values = {name: _at(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        "aws.events.event": event,
        "aws.events.event.json": event,
        "aws.events.event.ingestion-time": event["time"],
    }
    template = str(transformer["InputTemplate"])

    def filled(place: re.Match[str]) -> str:
        if place[1] not in values:
            return place[0]
        value = values[place[1]]
        if not _is_quoted(template, place.start()):
            return json.dumps(value)
        return json.dumps(value if isinstance(value, str) else json.dumps(value))[1:-1]

    return _PLACE.sub(filled, template)


def _is_quoted(template: str, index: int) -> bool:
    """Tells whether a place of a template is within a JSON string."""
    quotes = [found for found in _ESCAPES_OR_QUOTES.findall(template[:index]) if found == '"']
    return len(quotes) % 2 == 1
