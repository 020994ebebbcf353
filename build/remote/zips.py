"""A layer's zip that came from elsewhere: opened, and held to its digest file by file."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ..target import Target
from ..tree.archive import write_zip
from ..tree.identity import Entry, digest
from ..tree.manifest import NAME, BuiltLayer, inner_manifest
from ..tree.options import LayerOptions
from ..tree.placed import PlannedFile
from ..wheel.facts import DEFLATED, STORED, File
from .answers import PoisonedError

_PIECE = 1 << 20
_LOCAL_HEADER = 30
_KEY = "zip"


class _Nowhere:
    """A file that forgets; what is written into it is hashed by the writer."""

    def write(self, piece: bytes) -> int:
        return len(piece)


def check_zip(path: Path, built: BuiltLayer, target: Target, options: LayerOptions) -> None:
    """Holds a zip, whose hash is the manifest's, to what the manifest says of it.

    Its files' content gives the digest again; the manifest inside says the same; and its bytes are those that
    Lamina writes around these streams, so that nothing else is hidden in it.

    Raises:
        PoisonedError: one of these is not so.
        OSError: it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            sizes = sum(info.file_size for info in infos)
            if len(infos) != built.files or sizes != built.unzipped_size:
                raise PoisonedError("its files are not as many, or not as large, as its manifest says")
            files = [_read(archive, info) for info in infos]
            inner = archive.read(NAME)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, RuntimeError) as error:
        raise PoisonedError(f"it is no sound zip archive ({type(error).__name__})") from error
    _check_content(files, inner, built, target, options)
    again = write_zip(_own(files, inner), _Nowhere(), lambda _: path)  # type: ignore[arg-type]
    if (again.sha256, again.size) != (built.zip_sha256, built.zip_size):
        raise PoisonedError("its bytes are not those that Lamina writes for its files")


def _check_content(
    files: list[PlannedFile], inner: bytes, built: BuiltLayer, target: Target, options: LayerOptions
) -> None:
    entries = [Entry(file.path, file.executable, file.sha256) for file in files if file.path != NAME]
    properties = {"target": target.as_json(), "options": options.as_json()}
    if len({entry.path for entry in entries}) != len(entries) or len(entries) != len(files) - 1:
        raise PoisonedError("a file is in it twice")
    if digest(entries, properties) != built.digest:
        raise PoisonedError("the content of its files gives another digest")
    if inner != inner_manifest(built.digest, target, options.as_json(), built.packages):
        raise PoisonedError("the manifest inside it is another")


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> PlannedFile:
    if info.compress_type not in {STORED, DEFLATED}:
        raise PoisonedError("a file in it is packed in another way than wheels are")
    found = hashlib.sha256()
    with archive.open(info) as stream:
        while piece := stream.read(_PIECE):
            found.update(piece)
    executable = bool(info.external_attr >> 16 & 0o111)
    sha256 = found.hexdigest()
    # Lamina writes no extra fields into local headers, so the stream begins right behind the name.
    offset = info.header_offset + _LOCAL_HEADER + len(info.filename.encode())
    file = File(
        info.filename,
        executable,
        info.compress_type,
        info.CRC,
        info.compress_size,
        info.file_size,
        offset,
        sha256,
    )
    return PlannedFile(info.filename, executable, sha256, _KEY, file, b"")


def _own(files: list[PlannedFile], inner: bytes) -> Iterator[PlannedFile]:
    """The files as a plan has them: what Lamina writes itself is not copied."""
    for file in files:
        yield file._replace(source=None, file=None, content=inner) if file.path == NAME else file
