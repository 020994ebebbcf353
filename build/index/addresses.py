"""Addresses of indexes and files: whether they are some, and how they are shown."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from .folders import local_path

_UNREADABLE = "an address that cannot be read"


def is_address(url: str) -> bool:
    """Says whether a URL can be asked for over HTTP, or is a folder's absolute path."""
    try:
        folder = local_path(url)
        if folder is not None:
            return folder.is_absolute() and folder.is_dir()
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def without_credentials(url: str) -> str:
    """The URL for messages: no user, no password, no query, no fragment.

    Where a password with odd letters makes the rest of a URL look like a host, nothing of it is shown.
    """
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        if parts.port is None and ":" in host.rpartition("]")[2]:
            return _UNREADABLE
        return urlunsplit((parts.scheme, host, parts.path, "", ""))
    except ValueError:
        return _UNREADABLE


def with_credentials(url: str, user: str, password: str) -> str:
    """Puts a user and a password into a URL."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{host}"))


def place(entry: str, folder: Path) -> str:
    """A find-links entry; a local path is made absolute from `folder`."""
    if ":/" in entry:
        return entry
    try:
        return str(folder / Path(entry).expanduser())
    except RuntimeError:  # There is no such user.
        return str(folder / entry)
