"""Requests to indexes: retries with back-off, errors without credentials, an end to all of them at once."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Self, TypeVar
from urllib.parse import urlsplit, urlunsplit

import httpx

from ..errors import FailureError, UserError
from .addresses import without_credentials
from .connections import Connections
from .credentials import CREDENTIALS, IndexAuth, pair_of
from .quiet import hush
from .settings import Settings
from .simple import ACCEPT
from .workers import StoppedError

R = TypeVar("R")

_TRANSIENT = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524}
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
# Who asks to be left alone for longer is not waited for.
_LONGEST_WAIT = 60.0
# More than any index has: a few bytes of a packed page can stand for gigabytes.
_MOST_PAGE = 64 << 20


class UnreachableError(FailureError):
    """An index cannot be reached or lets nobody in: every further request to it would fail alike."""


class MissingError(Exception):
    """The address does not exist (404, 410)."""


class TransientError(Exception):
    """A request failed in a way that may pass; its text says how, without the address.

    Attributes:
        wait: for how many seconds the server asks to be left alone; 0 where it does not say.
    """

    def __init__(self, reason: str, *, wait: float = 0.0) -> None:
        """Takes what happened."""
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Page:
    """An answer that was read whole: its body, its type, and the address it came from in the end."""

    content: bytes
    content_type: str
    url: str


class Transport:
    """Fetches pages and files over HTTP. Threads may share one; `close` it, or use it in a `with`."""

    def __init__(self, settings: Settings, indexes: tuple[str, ...], *, stop: Event) -> None:
        """Takes part in the connections of this process; nothing is sent yet.

        Args:
            settings: certificates, timeout, retries.
            indexes: URLs whose credentials are used.
            stop: ends waiting and reading in every thread.
        """
        self._retries = settings.retries
        self._timeout = httpx.Timeout(settings.timeout)
        self._stop = stop
        self._sockets: set[socket.socket] = set()
        hush()
        self._auth = IndexAuth(indexes, keyring=settings.keyring)
        self._connections = Connections(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends all connections that no other build uses."""
        self._connections.close()

    def abort(self) -> None:
        """Breaks every body that is being read; its reader gets an error at once."""
        self._stop.set()
        for connection in tuple(self._sockets):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def page(self, url: str) -> Page | None:
        """Reads a page of an index; None when the index has none there.

        Raises:
            UnreachableError: after the last try, or at once when the index refuses us.
            FailureError: it is longer than any index's.
        """

        def attempt() -> Page:
            with self._open(url, {"Accept": ACCEPT}) as response:
                content = _whole(self._chunks(response.iter_bytes()), without_credentials(url))
                return Page(content, response.headers.get("content-type", ""), str(response.url))

        try:
            return self.retried(attempt, f"no answer from the index {without_credentials(url)}")
        except MissingError:
            return None

    @contextmanager
    def file(self, url: str) -> Iterator[Iterator[bytes]]:
        """Opens a file as it is stored; one try, to be wrapped in `retried`."""
        with self._open(url, {"Accept-Encoding": "identity"}) as response:
            yield self._chunks(response.iter_raw())

    def retried(self, attempt: Callable[[], R], failure: str) -> R:
        """Runs `attempt` until it does not fail transiently.

        Args:
            attempt: one try, from the start.
            failure: the error's beginning once the tries are used up.

        Raises:
            UnreachableError: the last try failed too, or the server asks to be left alone for long.
        """
        for number in range(self._retries + 1):
            try:
                return attempt()
            except (httpx.TransportError, TransientError) as error:
                reason = _reason(error)
                wait = error.wait if isinstance(error, TransientError) else 0.0
            pause = min(_FIRST_PAUSE * 2**number, _LONGEST_PAUSE) * random.uniform(0.75, 1.25)  # noqa: S311
            if wait > _LONGEST_WAIT:
                break
            if number < self._retries:
                self.pause(max(pause, wait))
        raise UnreachableError(f"{failure} ({reason}); check the network and the index settings")

    def pause(self, seconds: float) -> None:
        """Waits.

        Raises:
            StoppedError: nobody waits for the result any more.
        """
        if self._stop.wait(seconds):
            raise StoppedError

    @contextmanager
    def _open(self, url: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        shown = without_credentials(url)
        try:
            address = _without_user(url)
            with (
                self._connections.slot(address, self._stop),
                self._connections.client.stream(
                    "GET",
                    address,
                    headers=headers,
                    auth=self._auth,
                    timeout=self._timeout,
                    extensions={CREDENTIALS: pair_of(url)},
                ) as response,
            ):
                _check_status(response, shown)
                with self._abortable(response):
                    yield response
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            raise UserError(f"{shown} is not an address to fetch from; check the index settings") from error
        except httpx.TooManyRedirects as error:
            raise UnreachableError(f"{shown} redirects without end; check the index settings") from error
        except httpx.DecodingError as error:
            raise TransientError("a broken body") from error

    @contextmanager
    def _abortable(self, response: httpx.Response) -> Iterator[None]:
        connection = response.extensions["network_stream"].get_extra_info("socket")
        self._sockets.add(connection)
        try:
            yield
        finally:
            self._sockets.discard(connection)

    def _chunks(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            if self._stop.is_set():
                raise StoppedError
            yield chunk


def _without_user(url: str) -> str:
    """The address to ask for: credentials travel in a header, for httpx logs the address of every request."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _check_status(response: httpx.Response, shown: str) -> None:
    status = response.status_code
    if status in {404, 410}:
        raise MissingError(shown)
    if status in {401, 403, 407}:
        places = "the index URL, UV_INDEX_<NAME>_USERNAME and _PASSWORD, netrc or keyring"
        advice = f"check the credentials in {places}"
        if status == 401 and "Authorization" not in response.request.headers:
            advice = f"no credentials for {response.request.url.host} were found in {places}"
        raise UnreachableError(f"{shown} refuses access ({status}); {advice}")
    if status in _TRANSIENT:
        wait = _wait_of(response.headers.get("retry-after", ""))
        asks = f", and it asks to wait for {wait:.0f} seconds" if wait > _LONGEST_WAIT else ""
        raise TransientError(f"status {status}{asks}", wait=wait)
    if status >= 300:
        raise UnreachableError(f"{shown} answers with status {status}; check the index settings")


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "it took too long"
    if isinstance(error, httpx.RemoteProtocolError):
        return "the connection broke off"
    return " ".join(str(error).split()) or type(error).__name__


def _wait_of(told: str) -> float:
    """The seconds that a `Retry-After` names, as a number or by the time of their end (RFC 9110, 10.2.3)."""
    if told.isascii() and told.isdigit():
        return float(told[:9])
    try:
        return max(parsedate_to_datetime(told).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return 0.0


def _whole(chunks: Iterator[bytes], shown: str) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > _MOST_PAGE:
            raise FailureError(
                f"{shown} has a page of more than {_MOST_PAGE >> 20} MiB; check the index settings"
            )
    return bytes(content)
