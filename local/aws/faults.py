"""Fault rules: which of the coming AWS calls fail, and how. Callers are not told; AWS just behaves so."""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
import os
import re
import signal
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from werkzeug.wrappers import Request, Response

from .fault_answers import refused, throttled, unavailable
from .operations import Named

KINDS = ("error", "throttling", "unavailable", "dropped", "lost", "delay", "death")
# Which try of a call a request is: sent by every AWS SDK (botocore, "amz-sdk-request" header).
_TRY = re.compile(r"\battempt=(\d+)")
_OPERATION = re.compile(r"[a-z0-9*?-]+:[\w*?]+|\*")


class RuleError(ValueError):
    """A rule that makes no sense; the message lists all that is wrong with it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault.

    Attributes:
        operation: `service:Operation` as `/_lamina/calls` names it; `*` and `?` stand for anything.
        kind: what happens. `error`: AWS refuses with `code`; `throttling`: with the code that the service
            throttles with; `unavailable`: with a 5xx; `dropped`: the connection is closed before anything
            took place; `lost`: after it did, without an answer; `delay`: the answer takes `seconds` longer;
            `death`: the process of the embedded AWS kills itself.
        nth: the first call that is hit, counted from when the rule was put.
        times: how many calls in a row are hit; 0 means all that follow.
        first_tries: whether only a call's first try counts, so that the SDK's second one is served.
        code: of an `error`, as in the service's API reference.
        message: of an `error`.
        status: HTTP status of an `error`; by default what the service's description says of the code.
        seconds: of a `delay`.
        after: whether a `delay` or `death` comes after the effect took place instead of before.
    """

    operation: str
    kind: str
    nth: int = 1
    times: int = 1
    first_tries: bool = False
    code: str = "AccessDeniedException"
    message: str = "refused by a fault rule"
    status: int | None = None
    seconds: float = 1.0
    after: bool = False

    @classmethod
    def parse(cls, given: Any) -> Rule:
        """Reads a rule as it is sent.

        Raises:
            RuleError: with everything that is wrong.
        """
        if not isinstance(given, dict):
            raise RuleError("a rule is a JSON object")
        known = {each.name for each in dataclasses.fields(cls)}
        faults = [f"{name} is no part of a rule" for name in given if name not in known]
        faults += [f"{name} is missing" for name in ("operation", "kind") if name not in given]
        faults += [fault for name, value in given.items() if name in known for fault in _wrong(name, value)]
        if faults:
            raise RuleError("; ".join(faults))
        return cls(**given)

    def hits(self, number: int) -> bool:
        """Whether the call with this number, counted from 1, is hit."""
        return self.nth <= number and (self.times == 0 or number < self.nth + self.times)


def _wrong(name: str, value: Any) -> list[str]:
    """What is wrong with one value: nothing, or one sentence."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    rules: Mapping[str, tuple[bool, str]] = {
        "operation": (
            isinstance(value, str) and _OPERATION.fullmatch(value) is not None,
            "such as lambda:Invoke",
        ),
        "kind": (value in KINDS, f"one of {', '.join(KINDS)}"),
        "nth": (whole and value >= 1, "a number from 1 up"),
        "times": (whole and value >= 0, "a number from 0 up"),
        "first_tries": (isinstance(value, bool), "true or false"),
        "after": (isinstance(value, bool), "true or false"),
        "code": (isinstance(value, str) and value.isidentifier(), "such as AccessDeniedException"),
        "message": (isinstance(value, str), "a text"),
        "status": (value is None or (whole and 400 <= value < 600), "an HTTP status from 400 up"),
        "seconds": (isinstance(value, int | float) and not isinstance(value, bool) and value >= 0, "seconds"),
    }
    right, expected = rules[name]
    return [] if right else [f"{name} is {value!r}; it is {expected}"]


class _Held:
    """A rule that is in force, with how many calls it has counted and hit."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.seen = 0
        self.matched = 0
        self.deleted = threading.Event()


class Faults:
    """The rules in force; safe to use from any number of threads."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def put(self, rule: Rule) -> str:
        """Puts a rule in force; gives its id."""
        identity = str(uuid.uuid4())
        with self._lock:
            self._held[identity] = _Held(rule)
        return identity

    def shown(self) -> list[dict[str, Any]]:
        """Gives the rules, each with its `id`, the calls that it has `seen` and those that `matched`."""
        with self._lock:
            return [
                {"id": identity, **dataclasses.asdict(held.rule), "seen": held.seen, "matched": held.matched}
                for identity, held in self._held.items()
            ]

    def delete(self, identity: str | None = None) -> bool:
        """Takes a rule back, or all of them; a delay that is under way ends.

        Returns:
            Whether there was one with that id.
        """
        with self._lock:
            gone = list(self._held) if identity is None else [identity] * (identity in self._held)
            for each in gone:
                self._held.pop(each).deleted.set()
        return bool(gone) or identity is None

    def answer(
        self, named: Named, request: Request, serve: Callable[[], Response]
    ) -> tuple[Response | None, str]:
        """Answers a call as the rules want it.

        Args:
            named: what the request is.
            request: the request.
            serve: does what AWS does.

        Returns:
            The answer, None where the caller gets none and its connection is to be closed; and the kind of
            fault, empty where there was none.
        """
        held = self._hit(named, request)
        if held is None:
            return serve(), ""
        rule = held.rule
        if rule.kind == "dropped":
            return None, rule.kind
        if rule.kind == "lost":
            serve()
            return None, rule.kind
        if rule.kind in {"delay", "death"}:
            return self._around(held, serve), rule.kind
        if rule.kind == "error":
            return refused(named, rule.code, rule.message, rule.status), rule.kind
        return (throttled if rule.kind == "throttling" else unavailable)(named), rule.kind

    def _hit(self, named: Named, request: Request) -> _Held | None:
        """Counts a call for every rule that is about it; gives the first rule that hits it."""
        found = None
        name = f"{named.service}:{named.operation}"
        with self._lock:
            for held in self._held.values():
                rule = held.rule
                if not fnmatch.fnmatchcase(name, rule.operation) or (rule.first_tries and _is_retry(request)):
                    continue
                held.seen += 1
                if found is None and rule.hits(held.seen):
                    held.matched += 1
                    found = held
        return found

    def _around(self, held: _Held, serve: Callable[[], Response]) -> Response:
        response = serve() if held.rule.after else None
        if held.rule.kind == "death":
            os.kill(os.getpid(), signal.SIGKILL)
        held.deleted.wait(held.rule.seconds)
        return response or serve()


def close_connection(request: Request) -> NoReturn:
    """Closes a request's connection without an answer.

    Raises:
        ConnectionResetError: always; the server takes it for a client that has gone, and says nothing.
    """
    with contextlib.suppress(OSError):
        request.environ["werkzeug.socket"].shutdown(2)
    raise ConnectionResetError


def _is_retry(request: Request) -> bool:
    found = _TRY.search(request.headers.get("amz-sdk-request", ""))
    return found is not None and found.group(1) != "1"
