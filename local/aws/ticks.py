"""Fires the scheduled rules of EventBridge, as if the time of each had come.

AWS docs, "How Amazon EventBridge retries delivering events" and "Using dead-letter queues to process
undelivered events in EventBridge": a function is invoked asynchronously if its policy lets EventBridge; what
cannot be delivered goes to the target's dead-letter queue.
"""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.events.models import Rule, events_backends

from local import limits
from local.functions.async_event import Attempt
from local.functions.errors import LambdaError
from local.functions.names import Place
from local.functions.queues import find_queue, queue_policy, send_message

from .resource_policy import permits
from .scheduled_event import InputError, input_of, scheduled_event

SERVICE = "events.amazonaws.com"
# The longest that a function can run, and what it may take to start.
PATIENCE_SECONDS = limits.TIMEOUT[-1] + 60
# Whatever else PutTargets takes is for targets of other kinds.
_SERVED = frozenset(
    {"Id", "Arn", "RoleArn", "Input", "InputPath", "InputTransformer", "RetryPolicy", "DeadLetterConfig"}
)


class Functions(Protocol):
    """What is asked of Lambda; `local.functions.service.LambdaService` has it."""

    def check(self, function_arn: str) -> None:
        """Raises LambdaError unless there is such a function, version or alias."""

    def policy(self, function_arn: str) -> Mapping[str, Any] | None:
        """Gives the policy of exactly that function, version or alias."""

    def send(self, function_arn: str, payload: bytes) -> concurrent.futures.Future[Attempt]:
        """Queues an event; gives how its first attempt ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """What came of one target of a rule.

    Attributes:
        rule: its name.
        schedule: its expression.
        target: the target's ARN; empty where the rule has none, or does not fire.
        version: the function's version that ran.
        answer: what the function returned, as JSON.
        fault: why nothing was delivered, or what the function's error was; None when all is well.
    """

    rule: str
    schedule: str
    target: str = ""
    version: str | None = None
    answer: str | None = None
    fault: str | None = None


class _UndeliveredError(Exception):
    """An event does not reach its target; `code` is what its dead-letter queue is told."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def scheduled_rules(name: str | None = None) -> list[Rule]:
    """Gives the rules of all regions that have a schedule.

    Args:
        name: of the only one to look for.
    """
    regions = sorted(events_backends[DEFAULT_ACCOUNT_ID].items())
    buses = (backend.event_buses["default"] for _, backend in regions)
    return [
        rule for bus in buses for rule in list(bus.rules.values())
        if rule.scheduled_expression and name in {None, rule.name}
    ]  # fmt: skip


def fire(rule: Rule, functions: Functions, clock: Callable[[], dt.datetime]) -> Iterator[Fired]:
    """Delivers one event to each target of a rule, and waits for the first attempt at it.

    Args:
        rule: with a schedule.
        functions: Lambda.
        clock: gives the time, in UTC.

    Yields:
        What came of each target.
    """
    facts = _facts(rule)
    if rule.state != "ENABLED":
        yield Fired(**facts, fault="the rule is disabled")
    elif not rule.targets:
        yield Fired(**facts, fault="the rule has no target")
    else:
        event = scheduled_event(
            rule_arn=rule.arn, identity=str(uuid.uuid4()), time=f"{clock():%Y-%m-%dT%H:%M:%SZ}"
        )
        for target in list(rule.targets):
            yield _fired(rule, target, event, functions)


def _facts(rule: Rule) -> dict[str, str]:
    return {"rule": rule.name, "schedule": str(rule.scheduled_expression)}


def _fired(rule: Rule, target: Mapping[str, Any], event: Mapping[str, Any], functions: Functions) -> Fired:
    facts = {**_facts(rule), "target": str(target["Arn"])}
    try:
        running = _deliver(rule, target, event, functions)
    except _UndeliveredError as error:
        return Fired(**facts, fault=f"{error}{_buried(rule, target, event, error)}")
    try:
        attempt = running.result(PATIENCE_SECONDS)
    except concurrent.futures.TimeoutError:
        return Fired(**facts, fault=f"it did not end within {PATIENCE_SECONDS} seconds, and goes on")
    return Fired(**facts, version=attempt.version, **_outcome(attempt))


def _outcome(attempt: Attempt) -> dict[str, str]:
    if attempt.result is None:
        return {"fault": f"it is not run now: {attempt.refused}"}
    answer = attempt.result.payload.decode(errors="replace")
    return {"answer": answer} if attempt.succeeded else {"fault": f"the function failed: {answer}"}


def _deliver(
    rule: Rule, target: Mapping[str, Any], event: Mapping[str, Any], functions: Functions
) -> concurrent.futures.Future[Attempt]:
    arn = str(target["Arn"])
    unserved = sorted(target.keys() - _SERVED)
    if arn.split(":")[2] != "lambda" or unserved:
        what = f"with {', '.join(unserved)}" if unserved else "that is no Lambda function"
        raise _UndeliveredError("INVALID_PARAMETER", f"the embedded AWS serves no target {what}")
    try:
        payload = input_of(target, event)
        functions.check(arn)
        policy = functions.policy(arn)
        if not permits(policy, service=SERVICE, resource=arn, source_arn=rule.arn):
            said = f"its policy does not let {SERVICE} invoke it for {rule.arn}"
            raise _UndeliveredError("NO_PERMISSIONS", said)
        return functions.send(arn, payload)
    except InputError as error:
        raise _UndeliveredError("INVALID_JSON", str(error)) from error
    except LambdaError as error:
        code = "NO_RESOURCE" if error.code == "ResourceNotFoundException" else "SDK_CLIENT_ERROR"
        raise _UndeliveredError(code, str(error)) from error


def _buried(rule: Rule, target: Mapping[str, Any], event: Mapping[str, Any], error: _UndeliveredError) -> str:
    """Puts an event that was not delivered into the target's dead-letter queue, and says so."""
    arn = target.get("DeadLetterConfig", {}).get("Arn")
    if not arn:
        return ""
    place = Place(rule.region_name, rule.account_id, rule.arn.split(":")[1])
    queue = find_queue(place, arn)
    if queue is None:
        return f"; its dead-letter queue {arn} does not exist"
    policy = queue_policy(queue)
    if not permits(policy, service=SERVICE, resource=arn, source_arn=rule.arn, action="sqs:SendMessage"):
        return f"; the policy of its dead-letter queue {arn} does not let {SERVICE} send to it"
    attributes = {
        "RULE_ARN": rule.arn, "TARGET_ARN": str(target["Arn"]),
        "ERROR_CODE": error.code, "ERROR_MESSAGE": str(error),
    }  # fmt: skip
    send_message(place, arn, json.dumps(event), attributes)
    return f"; the event is in its dead-letter queue {arn}"
