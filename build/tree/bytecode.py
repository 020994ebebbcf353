"""Bytecode: what a layer's sources compile to, kept once for each wheel and interpreter."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import posixpath
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from deflate import deflate_compress

from ..cache import Cache
from ..interpreters import Interpreter
from ..progress import SILENT, Progress
from ..wheel.facts import DEFLATED, STORED, File, files_of
from .compiler_process import Outcome
from .compilers import Job, compile_all
from .options import FORMAT
from .placed import ReadWheel
from .sources import Sources

# The packed files of a wheel one after the other, by the SHA-256 of that; and what is where, by its inputs.
BLOBS = "bytecode"
_INDEX = "compiled"
# Where Lambda unpacks a layer (AWS Lambda Developer Guide, "Packaging your layer content").
_OPT = "/opt/python/"
# The longest name that a file system takes (NAME_MAX).
_MOST_NAME = 255
_LEVEL = 9


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a wheel's sources compile to.

    Attributes:
        source: the key of the file that has them packed; see `Cache.source_path`.
        files: for a source's path, its bytecode file and where it lies packed.
        failed: for the path of a source that does not compile, what the compiler says.
    """

    source: str
    files: dict[str, File]
    failed: dict[str, str]


def compiled(
    wheels: Sequence[ReadWheel],
    interpreter: Interpreter,
    cache: Cache,
    *,
    progress: Progress = SILENT,
    processes: int | None = None,
) -> dict[str, Compiled]:
    """Gives the bytecode of wheels, from the cache where it was made before.

    Args:
        wheels: in any order.
        interpreter: of the target's version.
        cache: where the wheels are, and where bytecode is kept.
        progress: told how many files are compiled.
        processes: how many compilers at once, instead of one for each core.

    Returns:
        For each wheel's SHA-256, what its sources compile to.

    Raises:
        FailureError: a wheel is gone or damaged, a compiler does not work, or the cache cannot be written.
    """
    found: dict[str, Compiled] = {}
    missing: list[_Work] = []
    for read in wheels:
        key = _key(read.wheel.sha256, interpreter)
        known = _known(cache, key)
        if known:
            found[read.wheel.sha256] = known
        elif read.wheel.sha256 not in {work.read.wheel.sha256 for work in missing}:
            missing.append(_Work(read, key, interpreter.tag))
    if missing:
        _compile(missing, interpreter, cache, progress, processes)
        found |= {work.read.wheel.sha256: work.finished() for work in missing}
    return found


def bytecode_path(path: str, tag: str) -> str:
    """Where the import system looks for a source's bytecode (PEP 3147).

    Args:
        path: of the source, such as `six.py`.
        tag: the interpreter's, such as `cpython-312`.
    """
    folder, name = posixpath.split(path)
    return posixpath.join(folder, "__pycache__", f"{name.removesuffix('.py')}.{tag}.pyc")


def _is_source(path: str, tag: str) -> bool:
    name = posixpath.basename(bytecode_path(path, tag)).encode("utf-8", "surrogateescape")
    return path.endswith(".py") and "__pycache__" not in path.split("/") and len(name) <= _MOST_NAME


@dataclass(slots=True)
class _Work:
    """One wheel that is being compiled."""

    read: ReadWheel
    key: str
    tag: str
    sources: list[File] = field(init=False)
    outcomes: dict[str, tuple[str, File, bytes]] = field(default_factory=dict)
    result: Compiled | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.sources = [file for file in files_of(self.read.facts) if _is_source(file.path, self.tag)]

    def take(self, cache: Cache, source: str, outcome: Outcome) -> None:
        """Takes what became of a source; the last one finishes the wheel."""
        packed = _packed(bytecode_path(source, self.tag), outcome)
        with self.lock:
            self.outcomes[source] = packed
            last = len(self.outcomes) == len(self.sources)
        if last:
            self.finish(cache)

    def finish(self, cache: Cache) -> None:
        """Puts the wheel's bytecode into the cache."""
        files: dict[str, File] = {}
        failed: dict[str, str] = {}
        pieces: list[bytes] = []
        offset = 0
        for source in self.sources:
            reason, file, piece = self.outcomes[source.path]
            if reason:
                failed[source.path] = reason
                continue
            files[source.path] = file._replace(offset=offset)
            pieces.append(piece)
            offset += len(piece)
        self.outcomes.clear()
        blob = b"".join(pieces)
        name = hashlib.sha256(blob).hexdigest()
        cache.write_bytes(BLOBS, name, blob, needed=True)
        cache.write_json(
            _INDEX, self.key, {"blob": name, "size": len(blob), "files": files, "failed": failed}
        )
        self.result = Compiled(f"{BLOBS}/{name}", files, failed)

    def finished(self) -> Compiled:
        """What it became."""
        if self.result is None:
            raise AssertionError(f"{self.read.wheel.filename} was not finished")
        return self.result


def _packed(path: str, outcome: Outcome) -> tuple[str, File, bytes]:
    """The reason why there is no bytecode, or the file of it and how it lies packed."""
    content = outcome.bytecode
    packed = bytes(deflate_compress(content, _LEVEL))
    method, piece = (DEFLATED, packed) if len(packed) < len(content) else (STORED, content)
    file = File(
        path=path,
        executable=False,
        method=method,
        crc=zlib.crc32(content),
        packed=len(piece),
        size=len(content),
        offset=0,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return outcome.reason, file, piece


def _compile(
    missing: Sequence[_Work],
    interpreter: Interpreter,
    cache: Cache,
    progress: Progress,
    processes: int | None,
) -> None:
    total = sum(len(work.sources) for work in missing)
    with Sources(cache) as sources, progress.stage("compiling", total=total, unit="files") as stage:

        def taken(work: _Work, path: str, outcome: Outcome) -> None:
            work.take(cache, path, outcome)
            stage.advance(1)

        jobs = [
            Job(
                read=partial(sources.read, work.read.wheel, file),
                path=_OPT + file.path,
                done=partial(taken, work, file.path),
            )
            for work in missing
            for file in work.sources
        ]
        compile_all(jobs, interpreter, processes=processes)
    for work in missing:
        if not work.sources:
            work.finish(cache)


def _key(sha256: str, interpreter: Interpreter) -> str:
    # libdeflate gives the same bytes everywhere, but perhaps others in its next version.
    packer = importlib.metadata.version("deflate")
    parts = [FORMAT, sha256, interpreter.version, interpreter.magic, interpreter.tag, packer, _LEVEL]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _known(cache: Cache, key: str) -> Compiled | None:
    kept: Any = cache.read_json(_INDEX, key)
    try:
        source = f"{BLOBS}/{kept['blob']}"
        if cache.source_size(source) != kept["size"]:
            return None
        files = {path: File._make(row) for path, row in kept["files"].items()}
        return Compiled(source, files, kept["failed"])
    except (TypeError, KeyError):
        return None
