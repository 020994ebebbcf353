"""Connections to indexes: reused, and shared by all builds of this process that reach indexes alike."""

from __future__ import annotations

import ssl
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore, Event, Lock
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from ..errors import UserError
from .settings import Settings
from .workers import StoppedError

# More connections at once are slower: dozens opened together stalled for seconds on a public index.
CONNECTIONS = 8

_UNLIMITED = httpx.Limits(max_connections=None, max_keepalive_connections=None)
# How often whoever waits for a connection looks whether it is still wanted, in seconds.
_LOOK_EVERY = 0.1


class _Way(NamedTuple):
    """What decides how a host is reached."""

    ca_bundle: str | None
    client_cert: str | None
    trusted_hosts: tuple[str, ...]
    proxies: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Shared:
    client: httpx.Client
    users: int = 0


_lock = Lock()
_clients: dict[_Way, _Shared] = {}
_slots: defaultdict[str, BoundedSemaphore] = defaultdict(lambda: BoundedSemaphore(CONNECTIONS))


class Connections:
    """A build's part in them: `CONNECTIONS` at most to each host that is asked, whoever uses them.

    Attributes:
        client: for requests that are made within a `slot`; credentials and timeout come with each of them.
    """

    def __init__(self, settings: Settings) -> None:
        """Takes part, until it is closed; nothing is connected yet.

        Raises:
            UserError: certificates, a trusted host or a proxy cannot be used.
        """
        proxies = tuple(sorted(urllib.request.getproxies().items()))
        self._way = _Way(settings.ca_bundle, settings.client_cert, settings.trusted_hosts, proxies)
        with _lock:
            shared = _clients.get(self._way) or _Shared(_client(settings))
            shared.users += 1
            _clients[self._way] = shared
        self.client = shared.client

    def close(self) -> None:
        """Takes part no longer; the last one ends the connections."""
        with _lock:
            shared = _clients[self._way]
            shared.users -= 1
            if not shared.users:
                del _clients[self._way]
                shared.client.close()

    @contextmanager
    def slot(self, url: str, stop: Event) -> Iterator[None]:
        """Waits until one more request to the host of an address may be under way, and holds its place.

        Raises:
            StoppedError: `stop` was set before.
        """
        with _lock:
            free = _slots[urlsplit(url).netloc]
        while not free.acquire(timeout=_LOOK_EVERY):
            if stop.is_set():
                raise StoppedError
        try:
            yield
        finally:
            free.release()


def _client(settings: Settings) -> httpx.Client:
    verify = _tls(settings)
    try:
        # How many there are is up to the slots: a pool that is full would count as a host that is slow.
        return httpx.Client(
            follow_redirects=True,
            headers={"User-Agent": "lamina"},
            limits=_UNLIMITED,
            mounts=_trusted(settings),
            verify=verify,
        )
    except (ValueError, ImportError, httpx.InvalidURL) as error:
        # What httpx says may hold the proxy's password.
        raise UserError("a proxy in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY cannot be used") from error


def _trusted(settings: Settings) -> dict[str, httpx.BaseTransport | None]:
    """Connections to the hosts whose certificates are not looked at; everybody else's are."""
    if not settings.trusted_hosts:
        return {}
    wrong = [host.rpartition("@")[2] for host in settings.trusted_hosts if not _is_host(host)]
    if wrong:
        raise UserError(f"{', '.join(wrong)} cannot be a trusted host; write host or host:port")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    transport = httpx.HTTPTransport(verify=context, limits=_UNLIMITED)
    return {f"https://{host}": transport for host in settings.trusted_hosts}


def _is_host(text: str) -> bool:
    try:
        address = httpx.URL(f"https://{text}")
    except httpx.InvalidURL:
        return False
    return bool(address.host) and address.raw_path == b"/" and not address.userinfo


def _tls(settings: Settings) -> ssl.SSLContext | bool:
    if settings.ca_bundle is None and settings.client_cert is None:
        return True
    try:
        context = httpx.create_ssl_context() if settings.ca_bundle is None else _context(settings.ca_bundle)
        if settings.client_cert is not None:
            context.load_cert_chain(settings.client_cert)
    except (OSError, ssl.SSLError) as error:
        files = " or ".join(path for path in (settings.ca_bundle, settings.client_cert) if path)
        raise UserError(f"cannot read the certificates in {files}: {error}") from error
    return context


def _context(bundle: str) -> ssl.SSLContext:
    if Path(bundle).is_dir():
        return ssl.create_default_context(capath=bundle)
    return ssl.create_default_context(cafile=bundle)
