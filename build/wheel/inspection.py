"""What verification has to know of a wheel, read once and kept: its ELF files and its requirements."""

from __future__ import annotations

import contextlib
import csv
import errno
import lzma
import posixpath
import stat
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
# What executables of other systems begin with: Mach-O in both widths and orders, or for several machines
# ("OS X ABI Mach-O File Format Reference"); and PE ("PE Format").
_OTHER_SYSTEMS = {
    b"\xcf\xfa\xed\xfe": "macOS",
    b"\xce\xfa\xed\xfe": "macOS",
    b"\xfe\xed\xfa\xcf": "macOS",
    b"\xfe\xed\xfa\xce": "macOS",
    b"\xca\xfe\xba\xbe": "macOS",
    b"MZ": "Windows",
}
_BINARIES = (".so", ".pyd")
_MOST_PTH = 1 << 20
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
        `elf`, path to what `elf_facts` gives; `other`, path to the system that a `.so` or `.pyd` file is for
        which is no ELF file, an empty string where it is none's; `pth`, path to the lines of a `.pth` file;
        `distributions`, a list of `name`, `version`, `requires` (the lines of Requires-Dist), `python`
        (Requires-Python), `tags` (of the wheel that it was installed from), `folder` (its dist-info or
        egg-info) and `tops` (the top-level names that can be imported, by its RECORD); as JSON has them.

    Raises:
        UserError: it is no sound zip archive.
        FailureError: it cannot be read.
    """
    with sound(label), zipfile.ZipFile(path) as archive:
        # What a link holds is a path, and no content.
        members = [
            each
            for each in members_of(archive)
            if not each.is_dir() and not stat.S_ISLNK(each.external_attr >> 16)
        ]
        other: dict[str, str] = {}
        return {
            "elf": dict(_elves(archive, members, other)),
            "other": other,
            "pth": dict(_pth(archive, members)),
            "distributions": list(_distributions(archive, members)),
        }


def members_of(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members of an archive, each under the path that it is unpacked to."""
    # bsdtar keeps the dot that it was given.
    found = [each for each in archive.infolist() if each.filename not in {"", "./"}]
    for each in found:
        each.filename = each.filename.removeprefix("./")
    return found


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
    archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo], other: dict[str, str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for member in members:
        with archive.open(member) as packed:
            head = packed.read(len(_MAGIC))
            if head != _MAGIC:
                if member.filename.endswith(_BINARIES):
                    other[member.filename] = _OTHER_SYSTEMS.get(head) or _OTHER_SYSTEMS.get(head[:2], "")
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
        folder = _metadata_of(path)
        if not folder:
            continue
        headers = HeaderParser().parsestr(_text(archive, member))
        wheel = HeaderParser().parsestr(_text(archive, by_path.get(f"{folder}/WHEEL")))
        yield {
            "name": str(headers.get("Name", "")).strip(),
            "version": str(headers.get("Version", "")).strip(),
            "requires": [str(each) for each in headers.get_all("Requires-Dist") or ()],
            "python": str(headers.get("Requires-Python", "")).strip(),
            "tags": [str(each).strip() for each in wheel.get_all("Tag") or ()],
            "folder": folder,
            "tops": sorted(_tops(_text(archive, by_path.get(f"{folder}/RECORD")))),
        }


def _metadata_of(path: str) -> str:
    """The dist-info or egg-info whose metadata a file holds; an empty string where it holds none."""
    folder, _, name = path.rpartition("/")
    if (name == "METADATA" and folder.endswith(".dist-info")) or (
        name == "PKG-INFO" and folder.endswith(".egg-info")
    ):
        return folder
    return path if name.endswith(".egg-info") else ""


def _pth(archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo]) -> Iterator[tuple[str, list[str]]]:
    for member in members:
        if member.filename.endswith(".pth") and member.file_size <= _MOST_PTH:
            yield member.filename, _text(archive, member).splitlines()


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
