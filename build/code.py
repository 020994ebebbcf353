"""The code package: a deterministic zip of a service's own folder, without its dependencies."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .cache import Cache
from .errors import UserError
from .layer import check_name
from .output import replacing
from .tree.archive import write_zip
from .tree.identity import Entry, digest
from .tree.manifest import FORMAT, NAME
from .tree.placed import PlannedFile

# What development leaves in a folder, and the locks: they say what the layer holds, and a comment in
# one of them must not make new code.
EXCLUDED = ("__pycache__", "*.pyc", "*.pyo", ".*", "requirements*.txt", "requirements*.in")


@dataclass(frozen=True, slots=True)
class BuiltCode:
    """A finished code package.

    Attributes:
        name: as the caller named it.
        digest: what it is: 64 hexadecimal digits.
        zip: where it lies.
        zip_sha256: of the zip's bytes, 64 hexadecimal digits.
        zip_size: of the zip, in bytes.
        unzipped_size: of all its files, in bytes.
        files: how many there are.
    """

    name: str
    digest: str
    zip: Path
    zip_sha256: str
    zip_size: int
    unzipped_size: int
    files: int


def build_code(source: Path, *, name: str, output: Path, exclude: Sequence[str] = EXCLUDED) -> BuiltCode:
    """Packs a folder, under its own name, beside a `lamina.json` with the digest.

    Args:
        source: the folder, such as `app`; its files become `app/…`.
        name: the beginning of the zip's name.
        output: the folder that then holds `<name>-<digest>.zip`; it is made.
        exclude: patterns (as the `fnmatch` module has them) of file and folder names that are left out.

    Returns:
        The package; the same files (paths, mode classes, contents) give the same bytes.

    Raises:
        UserError: the folder is missing or empty, or holds what cannot be packed; all faults at once.
        FailureError: the output cannot be written.
    """
    check_name(name)
    files = sorted(_planned(source, exclude))
    if not files:
        raise UserError(f"{source} holds no files to pack; name the folder of the function's code")
    identity = digest((Entry(file.path, file.executable, file.sha256) for file in files), {"kind": "code"})
    manifest = json.dumps({"format": FORMAT, "digest": identity}, indent=1) + "\n"
    files = sorted([*files, _file(NAME, False, manifest.encode())])
    path = output / f"{name}-{identity}.zip"
    with replacing(path) as stream:
        written = write_zip(files, stream, Cache.default().wheel_path)
    unzipped = sum(len(file.content) for file in files)
    return BuiltCode(name, identity, path, written.sha256, written.size, unzipped, len(files))


def _planned(source: Path, exclude: Sequence[str]) -> Iterator[PlannedFile]:
    if not source.is_dir():
        raise UserError(f"{source} is not a folder; name the folder of the function's code")
    faults: list[str] = []
    # An absolute path, because `.` has no name of its own.
    top = source.resolve()
    for folder, folders, names in os.walk(top, onerror=_raise):
        folders[:] = sorted(each for each in folders if not _is_excluded(each, exclude))
        for name in sorted(names):
            if _is_excluded(name, exclude):
                continue
            path = Path(folder, name)
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                faults.append(f"{path} is not a regular file, and cannot be packed")
                continue
            yield _file(
                f"{top.name}/{path.relative_to(top).as_posix()}",
                bool(status.st_mode & stat.S_IXUSR),
                path.read_bytes(),
            )
    if faults:
        raise UserError(*faults)


def _raise(error: OSError) -> None:
    raise UserError(f"{error.filename} cannot be read: {error.strerror}") from error


def _is_excluded(name: str, exclude: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in exclude)


def _file(path: str, executable: bool, content: bytes) -> PlannedFile:
    return PlannedFile(path, executable, hashlib.sha256(content).hexdigest(), None, None, content)
