"""One wheel from its index into the cache: streamed, hashed on the way, checked, then admitted.

Threads and processes that miss the same wheel at the same time fetch it once: one does, the others wait.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..cache import Cache, unusable
from ..errors import FailureError, UserError
from ..lock.requirements import Pin
from ..lock.selection import LockedWheel
from ..progress import Stage
from ..wheel.limits import MIB, MOST_PACKED
from ..wheel.names import shown
from .addresses import without_credentials
from .choice import Wheel
from .claims import is_algorithm
from .folders import local_path
from .simple import ProjectFile
from .transport import MissingError, TransientError, Transport

_CHUNK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


def bring(pin: Pin, wheel: Wheel, cache: Cache, transport: Transport, stage: Stage) -> LockedWheel:
    """Puts a wheel into the cache unless it is there, and says which it is.

    The bytes are checked against the lock's hashes, and where the lock has none against the index's. A wheel
    whose SHA-256 is known beforehand is fetched by one at a time.

    Args:
        pin: whose wheel it is.
        wheel: the one chosen.
        cache: where it goes.
        transport: fetches it.
        stage: is told how many bytes came.

    Raises:
        FailureError: it did not come whole, or it is not the file that the lock or the index means.
    """
    file = wheel.file
    told = known_sha256(pin, file)
    # A file of this machine is read again, so that one that has changed is noticed.
    if told is None or local_path(file.url) is not None:
        return _fetched(pin, wheel, cache, transport, stage)
    if not _is_here(told, file, cache, stage):
        with cache.turn(told, pause=transport.pause):
            if not _is_here(told, file, cache, stage) and not _is_remote(told, file, cache, stage):
                return _fetched(pin, wheel, cache, transport, stage)
    return _locked(pin, wheel, told)


def _fetched(pin: Pin, wheel: Wheel, cache: Cache, transport: Transport, stage: Stage) -> LockedWheel:
    file = wheel.file
    allowed = pin.hashes or _strongest(file)

    def attempt() -> LockedWheel:
        with cache.incoming() as incoming:
            digests = _copied(file, incoming, _algorithms(allowed), transport, stage)
            _check(pin, file, digests, allowed)
            cache.admit(incoming, sha256=digests["sha256"], filename=file.filename)
            return _locked(pin, wheel, digests["sha256"])

    try:
        return transport.retried(
            attempt, f"cannot download {file.filename} from {without_credentials(file.url)}"
        )
    except OSError as error:
        if error.filename and Path(error.filename) == local_path(file.url):
            reason = error.strerror or error
            if pin.files and isinstance(error, FileNotFoundError):
                told = f"{pin.where} names {error.filename}, and there is no such file"
                raise UserError(f"{told}; put it there, or lock again") from error
            raise FailureError(f"{file.filename} cannot be read from {error.filename}: {reason}") from error
        raise unusable(cache.root, error) from error
    except MissingError as error:
        lister = f"named by the lock ({pin.where})" if pin.files else "listed by its index"
        raise FailureError(f"{file.filename} is {lister}, but is not at {error}") from error


def _is_here(sha256: str, file: ProjectFile, cache: Cache, stage: Stage) -> bool:
    found = cache.has_wheel(sha256)
    if found:
        stage.advance(file.size or 0)
    return found


def _is_remote(sha256: str, file: ProjectFile, cache: Cache, stage: Stage) -> bool:
    """Whether the remote cache had that wheel; it is in the cache then."""
    if cache.remote is None:
        return False
    with cache.incoming() as incoming:
        try:
            found = cache.remote.fetch(sha256, incoming, stage)
        except OSError as error:
            raise unusable(cache.root, error) from error
        if found:
            cache.admit(incoming, sha256=sha256, filename=file.filename)
        return found


def known_sha256(pin: Pin, file: ProjectFile) -> str | None:
    """The SHA-256 that a file must have to be taken, if it is known before it is here."""
    told = file.hashes.get("sha256")
    if told is not None and (not pin.hashes or f"sha256:{told.lower()}" in pin.hashes):
        return _sha256(told.lower())
    if pin.files and len(pin.hashes) == 1:
        algorithm, _, digits = next(iter(pin.hashes)).partition(":")
        return _sha256(digits) if algorithm == "sha256" else None
    return None


def _sha256(digits: str) -> str | None:
    """The same, if it is one: it becomes a path in the cache before anything is compared with it."""
    return digits if _SHA256.fullmatch(digits) else None


def _strongest(file: ProjectFile) -> frozenset[str]:
    """The index's own hash to check against: one that cannot be forged, if it tells one."""
    for name in ("sha256", "sha512", "sha384"):
        if name in file.hashes:
            return frozenset({f"{name}:{file.hashes[name].lower()}"})
    return frozenset(f"{name}:{digits.lower()}" for name, digits in file.hashes.items())


def _locked(pin: Pin, wheel: Wheel, sha256: str) -> LockedWheel:
    return LockedWheel(pin.name, str(wheel.version), wheel.file.filename, sha256)


def _algorithms(allowed: Iterable[str]) -> set[str]:
    named = {entry.partition(":")[0] for entry in allowed}
    return {"sha256"} | set(filter(is_algorithm, named))


def _copied(
    file: ProjectFile, target: Path, algorithms: set[str], transport: Transport, stage: Stage
) -> dict[str, str]:
    """Writes the file's bytes and gives their digests; bytes told to `stage` are taken back when it fails."""
    hashers = [(name, hashlib.new(name)) for name in sorted(algorithms)]
    size = 0
    try:
        with _opened(file, transport) as chunks, target.open("wb") as out:
            for chunk in chunks:
                out.write(chunk)
                for _, hasher in hashers:
                    hasher.update(chunk)
                size += len(chunk)
                stage.advance(len(chunk))
                _check_bound(file, size)
        _check_whole(file, size)
    except BaseException:
        stage.advance(-size)
        raise
    return {name: hasher.hexdigest() for name, hasher in hashers}


def _check_bound(file: ProjectFile, size: int) -> None:
    if size > MOST_PACKED:
        raise FailureError(
            f"{shown(file.filename)} has more than {MOST_PACKED // MIB} MiB, and no such wheel is taken; "
            "nothing of it was kept"
        )


def _check_whole(file: ProjectFile, size: int) -> None:
    if file.size is not None and size < file.size:
        raise TransientError(f"it ended after {size} of {file.size} bytes")


@contextmanager
def _opened(file: ProjectFile, transport: Transport) -> Iterator[Iterator[bytes]]:
    path = local_path(file.url)
    if path is None:
        with transport.file(file.url) as chunks:
            yield chunks
        return
    if path.exists() and not path.is_file():
        # A pipe would be waited for.
        raise FailureError(f"{file.filename} cannot be read from {path}: it is no file")
    with path.open("rb") as source:
        yield _pieces(source)


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    while piece := source.read(_CHUNK):
        yield piece


def _check(pin: Pin, file: ProjectFile, digests: Mapping[str, str], allowed: frozenset[str]) -> None:
    got = {f"{name}:{digits}" for name, digits in digests.items()}
    checkable = {entry for entry in allowed if entry.partition(":")[0] in digests}
    if not checkable or got & checkable:
        return
    algorithm = min(checkable).partition(":")[0]
    told = known_sha256(pin, file)
    meant = (
        f"sha256:{told}"
        if told
        else min(checkable)
        if len(checkable) == 1
        else f"one of {len(checkable)} hashes"
    )
    source = f"the lock ({pin.where})" if pin.hashes or pin.files else "its index"
    raise FailureError(
        f"{file.filename} is not the file that {source} means: expected {meant}, "
        f"got {algorithm}:{digests[algorithm]}; nothing of it was kept"
    )
