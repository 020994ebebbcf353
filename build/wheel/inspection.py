"""What verification has to know of a wheel, read once and kept: its ELF files and its requirements."""

from __future__ import annotations

import contextlib
import csv
import errno
import lzma
import posixpath
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from email.parser import HeaderParser
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..cache.kinds import INSPECTIONS
from ..errors import DamagedError, FailureError, UserError

if TYPE_CHECKING:
    from ..cache import Cache
    from ..tree.manifest import LayerPackage

# What zipfile and what it unpacks with raise for a damaged archive.
UNSOUND = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
# What an ELF file begins with ("System V Application Binary Interface", chapter 4).
_MAGIC = b"\x7fELF"
_IN_MEMORY = 4 << 20
_MOST_TEXT = 32 << 20
# The parts of `.data` that go where modules are imported from ("Binary distribution format").
_LIBRARIES = ("purelib", "platlib")
_MODULES = (".py", ".so")


def inspection_of(wheel: LayerPackage, cache: Cache) -> dict[str, Any]:
    """What is known of a wheel of the cache.

    Args:
        wheel: which.
        cache: where it is, and where this is kept.

    Returns:
        As `inspected`; paths are those in the wheel.

    Raises:
        DamagedError: the wheel is not in the cache any more.
        UserError, FailureError: it cannot be read.
    """
    known = cache.read_json(INSPECTIONS, wheel.sha256)
    if isinstance(known, dict):
        return known
    path = cache.wheel_path(wheel.sha256)
    if not path.exists():
        raise DamagedError(f"{wheel.wheel} is not in the cache")
    found = inspected(path, wheel.wheel)
    cache.write_json(INSPECTIONS, wheel.sha256, found)
    return found


def inspected(path: Path, label: str) -> dict[str, Any]:
    """Reads a wheel or a layer.

    Args:
        path: the archive.
        label: what to call it.

    Returns:
        `elf`, path to what `elf_facts` gives; `distributions`, a list of `name`, `version`, `requires` (the
        lines of Requires-Dist), `folder` (its dist-info) and `tops` (the top-level names that can be
        imported, by its RECORD); as JSON has them.

    Raises:
        UserError: it is no sound zip archive.
        FailureError: it cannot be read.
    """
    with sound(label), zipfile.ZipFile(path) as archive:
        members = [each for each in archive.infolist() if not each.is_dir()]
        return {
            "elf": dict(_elves(archive, members)),
            "distributions": list(_distributions(archive, members)),
        }


@contextlib.contextmanager
def sound(label: str) -> Iterator[None]:
    """Tells what is wrong with an archive that is read in the block.

    Args:
        label: what to call it.

    Raises:
        UserError: it is no sound zip archive.
        FailureError: it cannot be read.
    """
    try:
        yield
    except UNSOUND as error:
        raise UserError(f"{label} is not a sound zip archive: {error}") from error
    except OSError as error:
        if error.errno is None or error.errno == errno.EINVAL:
            # A stream that is not bzip2's; an offset before the file's beginning.
            raise UserError(f"{label} is not a sound zip archive: {error.strerror or error}") from error
        raise FailureError(f"{label} cannot be read: {error.strerror or error}") from error


def _elves(
    archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for member in members:
        with archive.open(member) as packed:
            head = packed.read(len(_MAGIC))
            if head != _MAGIC:
                continue
            from .elf import elf_facts  # noqa: PLC0415 (most wheels have none, and the library takes a while)

            # Only a file can be read back and forth; the largest libraries have hundreds of megabytes.
            with tempfile.SpooledTemporaryFile(_IN_MEMORY) as whole:
                whole.write(head)
                _copy(packed, whole)
                whole.seek(0)
                yield member.filename, elf_facts(whole, posixpath.basename(member.filename))


def _copy(source: IO[bytes], target: Any) -> None:
    while piece := source.read(1 << 20):
        target.write(piece)


def _distributions(
    archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo]
) -> Iterator[Mapping[str, Any]]:
    by_path = {each.filename: each for each in members}
    for path, member in by_path.items():
        folder, _, name = path.rpartition("/")
        if name != "METADATA" or not folder.endswith(".dist-info"):
            continue
        headers = HeaderParser().parsestr(_text(archive, member))
        yield {
            "name": str(headers.get("Name", "")).strip(),
            "version": str(headers.get("Version", "")).strip(),
            "requires": [str(each) for each in headers.get_all("Requires-Dist") or ()],
            "folder": folder,
            "tops": sorted(_tops(_text(archive, by_path.get(f"{folder}/RECORD")))),
        }


def _text(archive: zipfile.ZipFile, member: zipfile.ZipInfo | None) -> str:
    if member is None or member.file_size > _MOST_TEXT:
        return ""
    return archive.read(member).decode("utf-8", "replace")


def _tops(record: str) -> set[str]:
    """The top-level names of the modules that a RECORD lists ("Recording installed projects")."""
    found = set()
    try:
        paths = [row[0] for row in csv.reader(record.splitlines()) if row]
    except csv.Error:
        # A field longer than any path; what it lists is not to be known.
        return set()
    for path in paths:
        top, _, rest = path.partition("/")
        if top.endswith(".data"):
            scheme, _, rest = rest.partition("/")
            top, _, rest = rest.partition("/") if scheme in _LIBRARIES else ("", "", "")
        name = top.partition(".")[0] if not rest else top
        if name.isidentifier() and path.endswith(_MODULES):
            found.add(name)
    return found
