"""The cache: wheels and the facts about them by their SHA-256, shared by any number of processes."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from .cache_folder import cache_folder
from .errors import FailureError
from .temporary import make_temporary
from .wheel.facts import FORMAT

_WHEELS = "wheels"
_FACTS = "facts"
_INCOMING = "incoming"


class Cache:
    """A folder whose entries are named by what they hold.

    Every entry is written under a temporary name on the same disk and then moved, so a reader finds it
    whole or not at all, and two writers of one entry write the same bytes. Nothing has to be locked.
    """

    def __init__(self, root: Path) -> None:
        """Takes the folder as it is; it is made when something is put into it."""
        self.root = root

    @classmethod
    def default(cls) -> Cache:
        """The cache that the environment names; see `cache_folder`."""
        return cls(Path(cache_folder()))

    def wheel_path(self, sha256: str) -> Path:
        """Where the wheel with these bytes lies, or would."""
        return self.root / _WHEELS / sha256[:2] / f"{sha256}.whl"

    def source_path(self, source: str) -> Path:
        """Where the file lies that a layer's bytes are copied from.

        Args:
            source: a wheel's SHA-256, or the kind and the key of an entry with a `/` between them.
        """
        kind, slash, key = source.partition("/")
        return self._entry_path(kind, key) if slash else self.wheel_path(source)

    def has_wheel(self, sha256: str) -> bool:
        """Whether that wheel is here; its facts may have to be computed anew after an update of Lamina."""
        return self.wheel_path(sha256).is_file()

    @contextlib.contextmanager
    def incoming(self) -> Iterator[Path]:
        """A file of a name that nobody else has, on the disk of the cache; it is gone afterwards.

        Raises:
            FailureError: the cache's folder cannot be written.
        """
        with _told(self.root):
            path = make_temporary(self.root / _INCOMING)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def admit(self, incoming: Path, *, sha256: str, filename: str) -> None:
        """Takes a wheel in, once it has been read and found sound.

        Args:
            incoming: a file from `incoming`, whose bytes have been hashed by the caller.
            sha256: what that gave.
            filename: the wheel's name, for what is wrong with it.

        Raises:
            UserError: it is no wheel that can be installed, or its files are not those of its RECORD.
            FailureError: the cache cannot be written.
        """
        from .wheel.reading import read_facts  # noqa: PLC0415  (a warm build needs none of what reads archives)

        facts = read_facts(incoming, filename)
        with _told(self.root):
            self.write_json(_FACTS, sha256, facts)
            path = self.wheel_path(sha256)
            path.parent.mkdir(parents=True, exist_ok=True)
            incoming.chmod(0o644)
            incoming.replace(path)

    def facts(self, sha256: str, filename: str) -> dict[str, Any]:
        """What is known about a wheel of the cache; see `reading.read_facts`.

        Raises:
            UserError: it is another package's than its name says.
            FailureError: the wheel is not here, or is damaged.
        """
        known = self.read_json(_FACTS, sha256)
        size = self._size(sha256, filename)
        if isinstance(known, dict) and known.get("format") == FORMAT:
            if known["size"] != size:
                self._discard(sha256, filename)
            if known["filename"] != filename:
                # The same bytes under another name: they must be that package's, too.
                from .wheel.naming import find_dist_info  # noqa: PLC0415  (as below)

                find_dist_info(filename, [known["record"]])
            return known
        from .wheel.reading import read_facts  # noqa: PLC0415  (as above)

        with _told(self.root), self.wheel_path(sha256).open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != sha256:
            self._discard(sha256, filename)
        facts = read_facts(self.wheel_path(sha256), filename)
        self.write_json(_FACTS, sha256, facts)
        return facts

    def _size(self, sha256: str, filename: str) -> int:
        path = self.wheel_path(sha256)
        try:
            return path.stat().st_size
        except FileNotFoundError:
            raise FailureError(
                f"{filename} is no longer in the cache ({path}); build again to fetch it"
            ) from None
        except OSError as error:
            raise FailureError(f"{filename} cannot be read from {path}: {error.strerror}") from error

    def _discard(self, sha256: str, filename: str) -> NoReturn:
        with _told(self.root):
            self.wheel_path(sha256).unlink(missing_ok=True)
        raise FailureError(f"the cached {filename} was damaged, and is removed; build again to fetch it")

    def read_json(self, kind: str, key: str) -> Any | None:
        """Gives back what was kept under that kind and key, or None where there is nothing (whole)."""
        kept = self.read_bytes(kind, key)
        try:
            return None if kept is None else json.loads(kept)
        except ValueError:
            return None

    def write_json(self, kind: str, key: str, value: Any) -> None:
        """Keeps a value under a kind (a folder's name) and a key (a digest).

        Raises:
            FailureError: the cache cannot be written.
        """
        self.write_bytes(kind, key, json.dumps(value, separators=(",", ":")).encode())

    def read_bytes(self, kind: str, key: str) -> bytes | None:
        """As `read_json`, for what is no JSON."""
        try:
            return self._entry_path(kind, key).read_bytes()
        except OSError:
            return None

    def write_bytes(self, kind: str, key: str, content: bytes) -> None:
        """As `write_json`, for what is no JSON."""
        path = self._entry_path(kind, key)
        with _told(self.root), self.incoming() as temporary:
            temporary.write_bytes(content)
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.chmod(0o644)
            # Moved, so that leaving the context finds nothing to take away.
            temporary.replace(path)

    def _entry_path(self, kind: str, key: str) -> Path:
        return self.root / kind / key[:2] / key


@contextlib.contextmanager
def _told(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unusable(root, error) from error


def unusable(root: Path, error: OSError) -> FailureError:
    """What to tell when the cache's disk or folder refuses: the same for every wheel, so it is told once."""
    reason = error.strerror or error
    return FailureError(f"the cache {root} cannot be used: {reason} (LAMINA_CACHE names another)")
