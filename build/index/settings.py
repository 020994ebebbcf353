"""Index settings: which indexes and folders wheels come from, and how they are reached.

For each setting the environment wins over uv's files, and those over pip's; UV_ variables win over PIP_ ones.
"""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import UserError
from .addresses import is_address, place, with_credentials, without_credentials
from .sources import ConfigFile, Sources, is_on

_PROVIDERS = ("auto", "import", "subprocess", "disabled")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where wheels come from. URLs may carry credentials: they are never shown.

    Attributes:
        index: the URL of the default index (PEP 503), or an absolute path of a folder that is laid out as
            one; None means the one that uv has built in.
        extra_indexes: URLs of further indexes, asked before the default one, as uv does.
        find_links: local folders and files, `file:` URLs, or URLs of flat HTML pages.
        no_index: only find-links are asked.
        ca_bundle: a file of PEM certificates that replaces the built-in ones.
        client_cert: a PEM file with the client's certificate and key.
        timeout: seconds of silence after which a connection counts as dead.
        retries: how often a failed request is tried again.
        keyring: how the keyring is asked when an index wants credentials: `auto` and `import` load the
            library, `subprocess` runs the command `keyring`, `disabled` does not ask.
        trusted_hosts: `host` or `host:port`, whose certificates are not looked at.
        prereleases: whether a version that is no release may be pinned where another would do.
        known: URLs of further indexes whose credentials count where a lock names files of theirs.
    """

    index: str | None = field(default=None, repr=False)
    extra_indexes: tuple[str, ...] = field(default=(), repr=False)
    find_links: tuple[str, ...] = field(default=(), repr=False)
    no_index: bool = False
    ca_bundle: str | None = None
    client_cert: str | None = None
    timeout: float = 15.0
    retries: int = 3
    keyring: str = "auto"
    trusted_hosts: tuple[str, ...] = ()
    prereleases: bool = False
    known: tuple[str, ...] = field(default=(), repr=False)

    @property
    def indexes(self) -> tuple[str | None, ...]:
        """The indexes to ask, in order; None stands for uv's built-in one."""
        return () if self.no_index else (*self.extra_indexes, self.index)


def read_settings(sources: Sources) -> Settings:
    """Puts together what the environment and the configuration files say.

    Lists (extra indexes, find-links) come from the first place that has any, as in pip, not from all of them.

    Raises:
        UserError: a configuration file cannot be read, or a number is none.
    """
    layers = [_from_uv_environment(sources), _from_pip_environment(sources)]
    layers += [_READERS[file.kind](file, sources) for file in sources.files]
    merged: dict[str, Any] = {}
    for layer in reversed(layers):
        merged.update({name: value for name, value in layer.items() if value not in (None, "", ())})
    return replace(Settings(), **merged)


def check_addresses(settings: Settings) -> None:
    """Refuses indexes that are no http addresses and no folders, and find-links pages, all at once.

    Raises:
        UserError: with the addresses, as far as they can be shown.
    """
    pages = [link for link in settings.find_links if "://" in link and not link.startswith("file:")]
    wrong = [
        without_credentials(url)
        for url in (*settings.indexes, *pages)
        if url is not None and not is_address(url)
    ]
    if wrong:
        listed = ", ".join(wrong)
        raise UserError(
            f"{listed} cannot be an index; give an http address, or a folder of wheels by --find-links"
        )


def _from_uv_environment(sources: Sources) -> dict[str, Any]:
    get = sources.variables.get
    indexes = (get("UV_INDEX") or "").split() + (get("UV_EXTRA_INDEX_URL") or "").split()
    default = get("UV_DEFAULT_INDEX") or get("UV_INDEX_URL")
    return {
        "index": named_index(default, sources) if default else None,
        "extra_indexes": tuple(named_index(entry, sources) for entry in indexes),
        "find_links": _places((get("UV_FIND_LINKS") or "").split(","), sources.folder),
        "no_index": is_on(get("UV_NO_INDEX")),
        "timeout": _number("UV_HTTP_TIMEOUT", get("UV_HTTP_TIMEOUT")),
        "retries": _number("UV_HTTP_RETRIES", get("UV_HTTP_RETRIES"), int),
        "client_cert": get("SSL_CLIENT_CERT"),
        "trusted_hosts": tuple((get("UV_INSECURE_HOST") or "").split()),
        "keyring": _provider("UV_KEYRING_PROVIDER", get("UV_KEYRING_PROVIDER")),
    }


def _from_pip_environment(sources: Sources) -> dict[str, Any]:
    get = sources.variables.get
    return {
        "index": get("PIP_INDEX_URL"),
        "extra_indexes": tuple((get("PIP_EXTRA_INDEX_URL") or "").split()),
        "find_links": _places((get("PIP_FIND_LINKS") or "").split(), sources.folder),
        "no_index": is_on(get("PIP_NO_INDEX")),
        "ca_bundle": get("PIP_CERT")
        or get("SSL_CERT_FILE")
        or get("REQUESTS_CA_BUNDLE")
        or get("CURL_CA_BUNDLE"),
        "client_cert": get("PIP_CLIENT_CERT"),
        "trusted_hosts": tuple((get("PIP_TRUSTED_HOST") or "").split()),
        "prereleases": is_on(get("PIP_PRE")),
        "timeout": _number("PIP_TIMEOUT", get("PIP_TIMEOUT") or get("PIP_DEFAULT_TIMEOUT")),
        "retries": _number("PIP_RETRIES", get("PIP_RETRIES"), int),
        "keyring": _provider("PIP_KEYRING_PROVIDER", get("PIP_KEYRING_PROVIDER")),
    }


def _from_toml(file: ConfigFile, sources: Sources) -> dict[str, Any]:
    """Reads `[[index]]`, the plain options and their twins under `[pip]` (uv documentation, "Settings")."""
    try:
        content = tomllib.loads(file.content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {file.path}: {error}") from error
    if file.kind == "pyproject":
        content = content.get("tool", {}).get("uv", {})
    options = {**content, **content.get("pip", {})}
    known = [
        (table, named_index(f"{table.get('name', '')}={table['url']}", sources))
        for table in content.get("index", [])
    ]
    tables = [(table, url) for table, url in known if not table.get("explicit")]
    default = next((url for table, url in tables if table.get("default")), None)
    extra = [url for table, url in tables if not table.get("default")]
    return {
        "known": tuple(url for _, url in known),
        "index": default or options.get("index-url"),
        "extra_indexes": (*extra, *options.get("extra-index-url", [])),
        "find_links": _places(options.get("find-links", []), file.path.parent),
        "no_index": options.get("no-index"),
        "trusted_hosts": tuple(options.get("allow-insecure-host", [])),
        "keyring": _provider(f"{file.path}: keyring-provider", options.get("keyring-provider")),
    }


def _from_pip_conf(file: ConfigFile, _: Sources) -> dict[str, Any]:
    """Reads `[global]`, then `[install]`, which wins (pip documentation, "Configuration")."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(file.content.decode())
    except (configparser.Error, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {file.path}: {' '.join(str(error).split())}") from error
    options: dict[str, str] = {}
    for section in ("global", "install"):
        if parser.has_section(section):
            options.update({name.replace("_", "-"): value for name, value in parser.items(section)})
    return {
        "index": options.get("index-url"),
        "extra_indexes": tuple(options.get("extra-index-url", "").split()),
        "find_links": _places(options.get("find-links", "").split(), Path.cwd()),
        "no_index": is_on(options.get("no-index")),
        "ca_bundle": options.get("cert"),
        "client_cert": options.get("client-cert"),
        "trusted_hosts": tuple(options.get("trusted-host", "").split()),
        "prereleases": is_on(options.get("pre")),
        "timeout": _number(f"{file.path}: timeout", options.get("timeout")),
        "retries": _number(f"{file.path}: retries", options.get("retries"), int),
        "keyring": _provider(f"{file.path}: keyring-provider", options.get("keyring-provider")),
    }


_READERS: Mapping[str, Callable[[ConfigFile, Sources], dict[str, Any]]] = {
    "uv": _from_toml,
    "pyproject": _from_toml,
    "pip": _from_pip_conf,
}


def named_index(entry: str, sources: Sources) -> str:
    """Resolves uv's `name=url`; UV_INDEX_<NAME>_USERNAME and _PASSWORD are put into the URL."""
    name, equals, url = entry.partition("=")
    if not equals or "/" in name:
        return entry
    key = "".join(letter if letter.isalnum() else "_" for letter in name).upper()
    user = sources.variables.get(f"UV_INDEX_{key}_USERNAME", "")
    password = sources.variables.get(f"UV_INDEX_{key}_PASSWORD", "")
    return with_credentials(url, user, password) if user or password else url


def _places(entries: list[str], folder: Path) -> tuple[str, ...]:
    return tuple(place(entry.strip(), folder) for entry in entries if entry.strip())


def _provider(name: str, value: str | None) -> str | None:
    if value and value not in _PROVIDERS:
        raise UserError(f"{name} is {value!r}; there are {', '.join(_PROVIDERS)}")
    return value or None


def _number(name: str, value: str | None, kind: type[int | float] = float) -> float | int | None:
    if not value:
        return None
    try:
        return kind(value)
    except ValueError as error:
        raise UserError(f"{name} is {value!r}, which is not a number") from error
