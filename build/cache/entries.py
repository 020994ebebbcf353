"""Entries: what is kept in a folder under a kind and a key, whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import FailureError
from ..temporary import make_temporary
from .kinds import INCOMING, format_of
from .seal import UnsealedError, opened, sealed
from .use import shared, touch

_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


class Entries:
    """A folder of entries.

    Every entry is written under a temporary name on the same disk and then moved, so a reader finds it
    whole or not at all, and two writers of one entry write the same bytes. Nothing has to be locked for that.

    Attributes:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        """Takes the folder as it is; it is made when something is put into it."""
        self.root = root

    def in_use(self) -> contextlib.AbstractContextManager[None]:
        """Keeps what is in the cache from being pruned while the block runs."""
        return shared(self.root)

    def entry_path(self, kind: str, key: str) -> Path:
        """Where an entry lies, or would."""
        return self.root / kind / key[:2] / key

    @contextlib.contextmanager
    def incoming(self) -> Iterator[Path]:
        """A file of a name that nobody else has, on the disk of the cache; it is gone afterwards.

        Raises:
            FailureError: the cache's folder cannot be written.
        """
        with self.in_use():
            with told(self.root):
                path = make_temporary(self.root / INCOMING)
            try:
                yield path
            finally:
                path.unlink(missing_ok=True)

    def read_json(self, kind: str, key: str) -> Any | None:
        """Gives back what was kept under that kind and key, or None where there is nothing (whole)."""
        kept = self.read_bytes(kind, key)
        try:
            return None if kept is None else json.loads(kept)
        except ValueError:
            return None

    def write_json(self, kind: str, key: str, value: Any) -> None:
        """Keeps a value under a kind (a folder's name) and a key (a digest); see `write_bytes`."""
        self.write_bytes(kind, key, json.dumps(value, separators=(",", ":")).encode())

    def read_bytes(self, kind: str, key: str) -> bytes | None:
        """As `read_json`, for what is no JSON."""
        path = self.entry_path(kind, key)
        try:
            kept = path.read_bytes()
            number, content = opened(kept)
            if content is None or number != format_of(kind):
                return None
            touch(path, path.stat().st_mtime)
        except (OSError, UnsealedError):
            return None
        return content

    def write_bytes(self, kind: str, key: str, content: bytes, *, needed: bool = False) -> None:
        """As `write_json`, for what is no JSON.

        Args:
            kind: a folder's name.
            key: a digest.
            content: what is kept.
            needed: whether the entry itself will be used. Else it only saves time later, and a cache that can
                only be read does without.

        Raises:
            FailureError: the cache cannot be written.
        """
        path = self.entry_path(kind, key)
        try:
            with told(self.root), self.incoming() as temporary:
                temporary.write_bytes(sealed(content, format_of(kind)))
                path.parent.mkdir(parents=True, exist_ok=True)
                temporary.chmod(0o644)
                put(temporary, path)
        except FailureError as error:
            cause = error.__cause__
            if needed or not (isinstance(cause, OSError) and cause.errno in _READ_ONLY):
                raise

    def forget(self, kind: str, key: str) -> None:
        """Takes an entry away, if it is here."""
        with contextlib.suppress(OSError):
            take_away(self.entry_path(kind, key))


def put(temporary: Path, path: Path) -> None:
    """Moves what is finished to its place, in one step unless a folder stands there."""
    try:
        temporary.replace(path)
    except IsADirectoryError:
        take_away(path)
        temporary.replace(path)


def take_away(path: Path) -> None:
    """Removes what stands in an entry's place: the entry, or a folder that somebody made there."""
    if path.is_dir() and not path.is_symlink():
        import shutil  # noqa: PLC0415 (a warm build has no such folder, and this brings what unpacks archives)

        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def told(root: Path) -> Iterator[None]:
    """Tells what the operating system says about the cache in words for the user."""
    try:
        yield
    except OSError as error:
        raise unusable(root, error) from error


def unusable(root: Path, error: OSError) -> FailureError:
    """What to tell when the cache's disk or folder refuses: the same for every wheel, so it is told once."""
    reason = error.strerror or error
    return FailureError(f"the cache {root} cannot be used: {reason} (LAMINA_CACHE names another)")
