"""An unchanged build: the same command on the same inputs is answered from a note, and nothing is loaded."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence

from .cache_folder import cache_folder
from .evidence import Evidence

_FORMAT = "1"
_KIND = "notes"
# The length of a SHA-256, which stands before what it is of.
_HASH = 32
# The variables that settings are read from; what names a secret only decides whether wheels arrive.
_PREFIXES = ("LAMINA_", "UV_", "PIP_", "XDG_", "AWS_", "SSL_", "REQUESTS_CA", "CURL_CA", "HOME")
_SECRETS = ("USERNAME", "PASSWORD", "TOKEN", "SECRET", "ACCESS_KEY")


def recalled(arguments: Sequence[str], query: bytes | None = None) -> tuple[str, str] | None:
    """What a command said, if it was run before and nothing that it looked at has changed.

    Args:
        arguments: of the command line.
        query: what was given on stdin, where the command takes that.

    Returns:
        What it wrote to stdout and to stderr.
    """
    try:
        with open(_path(arguments, query), "rb") as stream:
            kept = stream.read()
    except OSError:
        return None
    body = kept[_HASH:]
    if hashlib.sha256(body).digest() != kept[:_HASH]:
        return None
    fields = body.decode("utf-8", "surrogateescape").split("\0")
    if len(fields) % 3:
        return None
    rest = iter(fields[3:])
    facts = list(zip(rest, rest, rest, strict=True))
    try:
        return (fields[1], fields[2]) if Evidence(facts).still_true() else None
    except (KeyError, ValueError):
        return None


def remember(
    arguments: Sequence[str], evidence: Evidence, out: str, err: str, query: bytes | None = None
) -> None:
    """Keeps what a command said, and what that rests on.

    Args:
        arguments: of the command line.
        evidence: all that it looked at, and its output.
        out: what it wrote to stdout.
        err: what it wrote to stderr.
        query: as `recalled`.
    """
    fields = [_FORMAT, out, err, *(field for fact in evidence.facts for field in fact)]
    if any("\0" in field for field in fields):
        return
    body = "\0".join(fields).encode("utf-8", "surrogateescape")
    path = _path(arguments, query)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # Written over the old one, because to take that away costs ext4 as long as to write a third of
        # a layer. The hash tells a note that was left half-written.
        note = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.pwrite(note, hashlib.sha256(body).digest() + body, 0)
            os.ftruncate(note, _HASH + len(body))
        finally:
            os.close(note)
    except OSError:
        # Only time is lost, and what is put into the cache next tells what is wrong with it.
        return


def _path(arguments: Sequence[str], query: bytes | None) -> str:
    parts = [_FORMAT, sys.version, sys.prefix, os.getcwd(), _own_files(), *arguments]
    parts += [] if query is None else [hashlib.sha256(query).hexdigest()]
    parts += [f"{name}={_public(value)}" for name, value in sorted(os.environ.items()) if _matters(name)]
    key = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{cache_folder()}/{_KIND}/{key[:2]}/{key}"


def _matters(name: str) -> bool:
    return name.startswith(_PREFIXES) and not any(word in name for word in _SECRETS)


def _public(value: str) -> str:
    """A setting without the credentials in its URLs."""
    first, *rest = value.split("://")
    for part in rest:
        host = part.partition("/")[0]
        first += "://" + part[host.rfind("@") + 1 :]
    return first


def _own_files() -> str:
    """Changes with Lamina itself."""
    found = []
    folders = [os.path.dirname(__file__)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    status = entry.stat()
                    found.append(f"{entry.path} {status.st_size} {status.st_mtime_ns}")
                elif not entry.name.startswith("_") and entry.is_dir():
                    folders.append(entry.path)
    return "\n".join(sorted(found))
