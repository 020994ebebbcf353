"""The way to AWS: clients made when they are first needed, and errors in the words of the AWS SDK for Go."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .clock import Clock
from .errors import ProviderError
from .retries import Retries
from .values import State

ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL"
PARTITION = "aws"
SUFFIX = "amazonaws.com"
_INVOKE_TIMEOUT = 15 * 60 + 60
"""Seconds to wait for a reply: a function may run for fifteen minutes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The provider's configuration. Tags and ignored ones apply to every resource."""

    region: str
    default_tags: Mapping[str, str] = field(default_factory=dict)
    access_key: str | None = None
    secret_key: str | None = None
    token: str | None = None


class Aws:
    """One configured provider's view of AWS."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self._environ = environ
        self._clients: dict[tuple[str, str], Any] = {}
        self._account: str | None = None
        self._lock = threading.RLock()
        self._turns: dict[str, threading.Lock] = {}

    @property
    def region(self) -> str:
        """The provider's own region."""
        return self.settings.region

    @property
    def account(self) -> str:
        """The account's number, asked once."""
        with self._lock:
            if self._account is None:
                with self.doing("reading STS Caller Identity"):
                    self._account = str(self.client("sts").get_caller_identity()["Account"])
            return self._account

    def client(self, service: str, state: Mapping[str, Any] | None = None) -> Any:
        """The boto3 client for `service` in the region that `state` names, else in the provider's.

        Raises:
            ProviderError: when no local endpoint is set: the stand-in never speaks to the real AWS.
        """
        region = (state or {}).get("region") or self.region
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._make(service, region)
            return self._clients[service, region]

    def _make(self, service: str, region: str) -> Any:
        endpoint = self._environ.get(ENDPOINT_VARIABLE)
        if not endpoint:
            raise ProviderError(
                f"{ENDPOINT_VARIABLE} is not set: the stand-in provider only works against a local endpoint; "
                "start the embedded cloud and pass on its environment"
            )
        environ, settings = self._environ, self.settings
        session: Any = boto3.session.Session(
            aws_access_key_id=settings.access_key or environ.get("AWS_ACCESS_KEY_ID") or "local",
            aws_secret_access_key=settings.secret_key or environ.get("AWS_SECRET_ACCESS_KEY") or "local",
            aws_session_token=settings.token or environ.get("AWS_SESSION_TOKEN"),
            region_name=region,
        )
        client = session.client(
            service,
            endpoint_url=endpoint,
            config=Config(
                read_timeout=_INVOKE_TIMEOUT,
                retries={"mode": "standard", "total_max_attempts": 1},
                s3={"addressing_style": "path"},
                max_pool_connections=32,
            ),
        )
        client.meta.events.register("after-call", _note_origin)
        Retries(self.clock).register(client)
        return client

    @contextlib.contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Names what is being done in the error of any call that fails within.

        Raises:
            ProviderError: `what` and the error as the AWS SDK for Go words it.
        """
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise ProviderError(f"{what}: {sdk_text(error)}") from error

    @contextlib.contextmanager
    def turn(self, key: str) -> Iterator[None]:
        """Lets only one at a time do what `key` names."""
        with self._lock:
            lock = self._turns.setdefault(key, threading.Lock())
        with lock:
            yield

    def tag_state(self, tags: Mapping[str, str]) -> State:
        """`tags` and `tagsAll` as outputs, from the tags that an object has in AWS."""
        every = {name: value for name, value in sorted(tags.items()) if not name.startswith("aws:")}
        defaults = self.settings.default_tags
        own = {name: value for name, value in every.items() if defaults.get(name) != value}
        return {"tags": own or None, "tagsAll": every}


def error_code(error: ClientError) -> str:
    """AWS's code of an error, such as ResourceNotFoundException."""
    return str(error.response.get("Error", {}).get("Code", ""))


def error_message(error: ClientError) -> str:
    """AWS's own text of an error."""
    return str(error.response.get("Error", {}).get("Message", ""))


def failed_with(error: ClientError, *codes: str, text: str = "") -> bool:
    """Whether AWS refused with one of these codes and, if given, this text in the message."""
    return error_code(error) in codes and text in error_message(error)


def gone(*codes: str) -> Any:
    """A context that passes over the named errors: what was to be deleted is gone already."""
    return _Passing(codes)


class _Passing(contextlib.AbstractContextManager[None]):
    def __init__(self, codes: tuple[str, ...]) -> None:
        self._codes = codes

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        return isinstance(error, ClientError) and failed_with(error, *self._codes)


def _note_origin(parsed: dict[str, Any], model: Any, **_: Any) -> None:
    """Notes in a failed call's answer its service, and whether that declares the error."""
    if "Error" in parsed and "ResponseMetadata" in parsed:
        declared = {each.metadata.get("error", {}).get("code", each.name) for each in model.error_shapes}
        parsed["ResponseMetadata"]["Service"] = str(model.service_model.service_id)
        parsed["ResponseMetadata"]["Declared"] = parsed["Error"].get("Code") in declared


def sdk_text(error: Exception) -> str:
    """The error as the AWS SDK for Go v2 writes it: operation, status, request, code and message."""
    if not isinstance(error, ClientError):
        return str(error)
    meta: Any = error.response.get("ResponseMetadata", {})
    said = f"{error_code(error)}: {error_message(error)}"
    host = f", HostID: {meta['HostId']}" if meta.get("HostId") else ""
    return (
        f"operation error {meta.get('Service', 'AWS')}: {error.operation_name}, https response error "
        f"StatusCode: {meta.get('HTTPStatusCode', 0)}, RequestID: {meta.get('RequestId', '')}{host}, "
        f"{said if meta.get('Declared') else 'api error ' + said}"
    )
