"""The Lambda service: a WSGI application over the store, and what the rest of the embedded AWS asks of it."""

from __future__ import annotations

import datetime as dt
import inspect
import json
import logging
import random
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.utilities.utils import get_partition
from werkzeug.wrappers import Request, Response

from local.endpoint import DEFAULT_REGION
from local.runtime.deployment import InvocationResult
from local.runtime.pool import Runtimes

from . import (
    account,
    aliases,
    answers,
    clock,
    concurrency,
    event_invoke,
    functions,
    layer_permissions,
    layers,
    permissions,
    protocol,
    tags,
    versions,
)
from .archives import Archives
from .async_event import Attempt
from .errors import LambdaError, invalid
from .invocation import Invoker
from .mappings import Mappings
from .names import Place, parse_function
from .store import Region, Store, Tools

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LOG = logging.getLogger(__name__)
Handler = Callable[..., Mapping[str, Any]]
_SCOPE = re.compile(r"(?:Credential=|^)[^/]+/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
NOUNS = (
    account, aliases, concurrency, event_invoke, functions, layer_permissions, layers, permissions, tags,
    versions,
)  # fmt: skip
# Runs without the lock: it takes the lock itself, for as long as it reads.
_UNLOCKED = frozenset({"Invoke"})


def scope_of(request: Request) -> tuple[str, str] | None:
    """Gives the region and service that a request was signed for (SigV4, header or query), or None."""
    given = request.headers.get("Authorization", "") or request.args.get("X-Amz-Credential", "")
    found = _SCOPE.search(given)
    return (found["region"], found["service"]) if found else None


class LambdaService:
    """Lambda, for the one account of the embedded AWS.

    Args:
        folder: its own, for archives and what functions run in.
        endpoint: the URL of the embedded AWS.
        clock: gives the time, in UTC.
        new_id: gives ids that never repeat.
        delay: how long creating and updating takes.
        scale: how much of AWS's waits asynchronous invocations wait before they are tried again.
        draw: gives a number from 0 to 1, for aliases with weights.
    """

    def __init__(
        self,
        folder: Path,
        endpoint: str,
        *,
        clock: clock.Clock = clock.now,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
        delay: dt.timedelta = dt.timedelta(0),
        scale: float = 1.0,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.clock = clock
        self._archives = Archives(folder / "archives", endpoint)
        runtimes = Runtimes(folder / "runtimes", endpoint)
        tools = Tools(
            archives=self._archives, clock=clock, new_id=new_id, delay=delay, forget=runtimes.forget
        )
        self._store = Store(tools, _place)
        self._invoker = Invoker(self._store, runtimes, draw=draw, scale=scale)
        self._mappings = Mappings(self._store, self._invoker.run)
        self._handlers: dict[str, Handler] = {
            name: handler for noun in NOUNS for name, handler in noun.OPERATIONS.items()
        }
        self._handlers |= {**self._mappings.operations(), "Invoke": self._invoker.invoke}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request (PEP 3333)."""
        return self.respond(Request(environ))(environ, start_response)

    def respond(self, request: Request) -> Response:
        """Answers one request; whatever goes wrong is an error of Lambda's form."""
        operation = protocol.find_operation(request)
        if operation is None:
            message = f"Lambda has no operation {request.method} {request.path}"
            return answers.failure(LambdaError("UnknownOperationException", message))
        scope = scope_of(request)
        try:
            region = self._store.region(scope[0] if scope else DEFAULT_REGION)
            result = self._perform(operation.name, region, protocol.parameters_of(operation, request))
            return answers.answer(operation, result)
        except LambdaError as error:
            return answers.failure(error)
        except Exception as error:
            LOG.exception("%s failed", operation.name)
            message = f"{operation.name} failed in the local Lambda service: {error!r}"
            return answers.failure(LambdaError("ServiceException", message))

    def invoke(self, function_arn: str, payload: bytes) -> InvocationResult:
        """Invokes a function and waits, on behalf of another service of the embedded AWS.

        Args:
            function_arn: perhaps with a qualifier.
            payload: the event, as JSON.

        Returns:
            What the function answered.

        Raises:
            LambdaError: it cannot be invoked.
        """
        _, result = self._invoker.run(self._region_of(function_arn), function_arn, payload)
        return result

    def send(self, function_arn: str, payload: bytes) -> Future[Attempt]:
        """Queues an event for a function, on behalf of another service of the embedded AWS.

        Args:
            function_arn: perhaps with a qualifier.
            payload: the event, as JSON.

        Returns:
            How the first attempt ends.

        Raises:
            LambdaError: there is no such function, version or alias.
        """
        return self._invoker.send(self._region_of(function_arn), function_arn, payload)

    def check(self, function_arn: str) -> None:
        """Raises LambdaError unless there is such a function, version or alias."""
        self._invoker.resolve(self._region_of(function_arn), function_arn)

    def policy(self, function_arn: str) -> Mapping[str, Any] | None:
        """The policy document of exactly the function, version or alias of an ARN, or None."""
        region = self._region_of(function_arn)
        with self._store.lock:
            name, qualifier = parse_function(region.place, function_arn)
            function = region.functions.get(name)
            policy = function.policies.get(qualifier or "") if function else None
            return json.loads(json.dumps(policy.document())) if policy else None

    def archive(self, name: str) -> Path | None:
        """The file behind the last part of a `Location`, or None."""
        return self._archives.find(name)

    def close(self) -> None:
        """Ends everything that runs."""
        self._mappings.close()
        self._invoker.close()

    def _region_of(self, arn: str) -> Region:
        parts = arn.split(":")
        return self._store.region(parts[3] if len(parts) > 3 and parts[3] else DEFAULT_REGION)

    def _perform(self, name: str, region: Region, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        handler = self._handlers.get(name)
        if handler is None:
            raise LambdaError("NotImplemented", f"The local Lambda service does not serve {name}")
        signature = inspect.signature(handler).parameters
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in signature.values()):
            unserved = sorted(parameters.keys() - signature.keys())
            if unserved:
                raise invalid(f"The local Lambda service does not serve {name} with {', '.join(unserved)}")
        if name in _UNLOCKED:
            return handler(region, **parameters)
        with self._store.lock:
            return handler(region, **parameters)


def _place(region: str) -> Place:
    return Place(region, DEFAULT_ACCOUNT_ID, get_partition(region))
