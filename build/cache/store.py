"""Wheels in the cache: admitted, found, and thrown away when they are not what they were."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..cache_folder import cache_folder
from ..errors import DamagedError, FailureError
from ..progress import SILENT, Progress
from .entries import Entries, put, take_away, told, unusable
from .kinds import FACTS, WHEELS
from .seal import SIZE as SEAL
from .use import touch, turn

if TYPE_CHECKING:
    from ..lock.selection import LockedWheel
    from ..remote.wheels import RemoteWheels


class Cache(Entries):
    """Wheels, and what was found out about them, in a folder that any number of processes share.

    Attributes:
        remote: where wheels are looked for before an index is asked for them, if anywhere.
    """

    def __init__(self, root: Path) -> None:
        """Takes the folder as it is; it is made when something is put into it."""
        super().__init__(root)
        self.remote: RemoteWheels | None = None
        self._hashed: dict[str, tuple[int, ...]] = {}

    @classmethod
    def default(cls) -> Cache:
        """The cache that the environment names; see `cache_folder`."""
        return cls(Path(cache_folder()))

    def wheel_path(self, sha256: str) -> Path:
        """Where the wheel with these bytes lies, or would."""
        return self.root / WHEELS / sha256[:2] / f"{sha256}.whl"

    def source_path(self, source: str) -> Path:
        """Where the file lies that a layer's bytes are copied from.

        Args:
            source: a wheel's SHA-256, or the kind and the key of an entry with a `/` between them.
        """
        kind, slash, key = source.partition("/")
        return self.entry_path(kind, key) if slash else self.wheel_path(source)

    def has_wheel(self, sha256: str) -> bool:
        """Whether that wheel is here; its facts may have to be computed anew after an update of Lamina."""
        return self.has_source(sha256)

    def has_source(self, source: str) -> bool:
        """Whether that source is here (see `source_path`); it counts as used now."""
        return self.source_size(source) is not None

    def source_size(self, source: str) -> int | None:
        """As `has_source`, with the length of its content in bytes; None where it is not here."""
        path = self.source_path(source)
        try:
            status = path.stat()
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        touch(path, status.st_mtime)
        return status.st_size - (SEAL if "/" in source else 0)

    def turn(self, sha256: str, *, pause: Callable[[float], None]) -> AbstractContextManager[None]:
        """Lets one at a time bring a wheel, of all threads and processes that share this cache.

        Whoever had to wait finds it here, unless the one before failed or was killed. Wheels whose hashes
        begin alike, one in 256, wait for each other, too.

        Args:
            sha256: the wheel's.
            pause: waits so many seconds, or raises what ends the waiting.
        """
        return turn(self.wheel_path(sha256).parent, pause=pause)

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
        from ..wheel.reading import read_facts  # noqa: PLC0415  (a warm build needs none of what reads archives)

        facts = read_facts(incoming, filename)
        with told(self.root):
            self.write_json(FACTS, sha256, facts)
            path = self.wheel_path(sha256)
            path.parent.mkdir(parents=True, exist_ok=True)
            incoming.chmod(0o644)
            put(incoming, path)
        self._hashed[sha256] = _state(path)

    def facts(self, sha256: str, filename: str) -> dict[str, Any]:
        """What is known about a wheel of the cache; see `reading.read_facts`.

        Raises:
            UserError: it is another package's than its name says.
            DamagedError: the wheel is not here, or is damaged.
        """
        known = self.read_json(FACTS, sha256)
        size = self._size(sha256, filename)
        if isinstance(known, dict):
            if known["size"] != size:
                self.discard(sha256)
                raise _damaged([filename])
            if known["filename"] != filename:
                # The same bytes under another name: they must be that package's, too.
                from ..wheel.naming import find_dist_info  # noqa: PLC0415  (as below)

                find_dist_info(filename, [known["record"]])
            return known
        from ..wheel.reading import read_facts  # noqa: PLC0415  (as above)

        if self._is_damaged(sha256):
            self.discard(sha256)
            raise _damaged([filename])
        facts = read_facts(self.wheel_path(sha256), filename)
        self.write_json(FACTS, sha256, facts)
        return facts

    def check(self, wheels: Iterable[LockedWheel], *, progress: Progress = SILENT) -> None:
        """Hashes wheels that this process has not hashed yet, before a layer is planned from them.

        Raises:
            DamagedError: some are not what they were; they are thrown away.
        """
        wheels = tuple(wheels)
        for wheel in wheels:
            # Says which is gone.
            self._size(wheel.sha256, wheel.filename)
        unhashed = [wheel for wheel in wheels if not self._is_hashed(wheel.sha256)]
        sizes = {wheel.sha256: self.source_size(wheel.sha256) or 0 for wheel in unhashed}
        if not sizes:
            return
        bad: set[str] = set()
        with progress.stage("checking wheels", total=sum(sizes.values()), unit="bytes") as stage:
            for sha256, size in sizes.items():
                bad.update(self.damaged([sha256]))
                stage.advance(size)
        if bad:
            raise _damaged([wheel.filename for wheel in unhashed if wheel.sha256 in bad])

    def damaged(self, sources: Iterable[str]) -> tuple[str, ...]:
        """Hashes sources (see `source_path`) and throws away those that are not what they were.

        Returns:
            Those; and those that are gone.
        """
        bad = tuple(source for source in dict.fromkeys(sources) if self._is_damaged(source))
        for source in bad:
            self.discard(source)
        return bad

    def discard(self, source: str) -> None:
        """Throws away a source (see `source_path`), if it is here."""
        self._hashed.pop(source, None)
        with told(self.root):
            take_away(self.source_path(source))

    def _is_hashed(self, sha256: str) -> bool:
        try:
            return self._hashed.get(sha256) == _state(self.wheel_path(sha256))
        except OSError:
            return False

    def _is_damaged(self, source: str) -> bool:
        kind, slash, key = source.partition("/")
        if slash:
            return self.read_bytes(kind, key) is None
        path = self.wheel_path(source)
        try:
            with path.open("rb") as stream:
                state = _state(path)
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except (FileNotFoundError, IsADirectoryError):
            return True
        except OSError as error:
            raise unusable(self.root, error) from error
        if found == source:
            self._hashed[source] = state
        return found != source

    def _size(self, sha256: str, filename: str) -> int:
        path = self.wheel_path(sha256)
        try:
            return path.stat().st_size
        except FileNotFoundError:
            raise DamagedError(f"{filename} is no longer in the cache ({path})") from None
        except OSError as error:
            raise FailureError(f"{filename} cannot be read from {path}: {error.strerror}") from error


def _state(path: Path) -> tuple[int, ...]:
    """Changes when a file does."""
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _damaged(filenames: list[str]) -> DamagedError:
    were, are = ("was", "is") if len(filenames) == 1 else ("were", "are")
    return DamagedError(f"the cached {', '.join(filenames)} {were} damaged, and {are} removed")
