"""Who we are to an index: user and password from its URL, netrc or the keyring; never shown, never stored."""

from __future__ import annotations

import logging
import netrc
import os
from base64 import b64encode
from collections.abc import Generator, Iterable
from pathlib import Path
from threading import Lock
from urllib.parse import unquote, urlsplit

import httpx

from .vault import Pair, ask_command

_LOG = logging.getLogger(__name__)

# The key of a request's extension that holds the credentials of its own URL.
CREDENTIALS = "lamina_credentials"


class IndexAuth(httpx.Auth):
    """Adds credentials to requests, in pip's order: the index's URL, netrc, and after a refusal the keyring.

    A file usually lies on its index's host, so credentials of an index go with every request to the same
    scheme, host and port (pip documentation, "Authentication"), and nowhere else.
    """

    def __init__(self, indexes: Iterable[str], *, keyring: str) -> None:
        self._known: dict[str, Pair] = {}
        self._index_urls: dict[str, str] = {}
        self._keyring = keyring
        self._asked: dict[str, Pair | None] = {}
        self._in_netrc: dict[str, Pair | None] = {}
        self._lock = Lock()
        for url in indexes:
            origin = _origin(url)
            self._index_urls.setdefault(origin, url)
            if (pair := pair_of(url)) is not None:
                self._known.setdefault(origin, pair)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sends the request with what is known, and once more with the keyring's answer when refused."""
        origin = _origin(str(request.url))
        own: Pair | None = request.extensions.get(CREDENTIALS)
        pair = own or self._known.get(origin) or self._from_netrc(request.url.host)
        if pair is not None:
            request.headers["Authorization"] = _basic(pair)
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED and self._keyring != "disabled":
            found = self._from_keyring(origin, request.url.host, pair[0] if pair else None)
            if found is not None and found != pair:
                request.headers["Authorization"] = _basic(found)
                yield request

    def _from_netrc(self, host: str) -> Pair | None:
        with self._lock:
            if host not in self._in_netrc:
                self._in_netrc[host] = _read_netrc(host)
            return self._in_netrc[host]

    def _from_keyring(self, origin: str, host: str, user: str | None) -> Pair | None:
        with self._lock:
            if origin not in self._asked:
                services = [_without_user(self._index_urls.get(origin, origin)), host]
                ask = ask_command if self._keyring == "subprocess" else _ask_library
                self._asked[origin] = ask(services, user)
            found = self._asked[origin]
            if found is not None:
                # Later requests bring it along and are not refused first.
                self._known[origin] = found
            return found


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def pair_of(url: str) -> Pair | None:
    """The user and the password that a URL carries; None where it carries none."""
    parts = urlsplit(url)
    return None if parts.username is None else (unquote(parts.username), unquote(parts.password or ""))


def _basic(pair: Pair) -> str:
    """The header's value (RFC 7617)."""
    return f"Basic {b64encode(':'.join(pair).encode()).decode()}"


def _read_netrc(host: str) -> Pair | None:
    path = Path(os.environ.get("NETRC") or "~/.netrc").expanduser()
    try:
        entry = netrc.netrc(path).authenticators(host)
    except OSError:
        return None
    except netrc.NetrcParseError as error:
        _LOG.warning("%s is passed over: line %s cannot be read", path, error.lineno)
        return None
    return (entry[0], entry[2] or "") if entry else None


def _ask_library(services: Iterable[str], user: str | None) -> Pair | None:
    try:
        import keyring  # noqa: PLC0415 (backends are looked for on import, and few builds need one)
        from keyring.errors import NoKeyringError  # noqa: PLC0415 (as above)
    except Exception as error:  # noqa: BLE001 (as below)
        _LOG.warning("the keyring does not answer (%s)", type(error).__name__)
        return None
    try:
        for service in services:
            found = keyring.get_credential(service, user)
            if found is not None:
                return found.username, found.password
    except NoKeyringError:
        # Most machines of CI have none, and nobody said that there was one.
        _LOG.debug("there is no keyring on this machine")
    except Exception as error:  # noqa: BLE001 (backends raise what they like; none of it may stop a build)
        _LOG.warning("the keyring does not answer (%s)", type(error).__name__)
    return None


def _without_user(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if separator else url
