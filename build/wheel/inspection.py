"""What verification has to know of a wheel, read once and kept: its ELF files and its requirements."""

from __future__ import annotations

import contextlib
import csv
import posixpath
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from email.parser import HeaderParser
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..cache.kinds import INSPECTIONS
from ..errors import DamagedError
from .limits import MOST_EXPRESSION, MOST_NAME, MOST_REQUIRES
from .opened import headers_in, lines_in, opened

if TYPE_CHECKING:
    from ..cache import Cache
    from ..tree.manifest import LayerPackage

# What an ELF file begins with ("System V Application Binary Interface", chapter 4).
_MAGIC = b"\x7fELF"
_IN_MEMORY = 4 << 20
# More top-level names than any distribution brings.
_MOST_TOPS = 10_000
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
# A .pth file has a line or two; of a longer one the rest adds nothing to what is told.
_MOST_PTH = 1 << 20
_MOST_LINES = 100
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
    with opened(path, label) as (archive, found):
        # What a link holds is a path, and no content.
        members = [each for each in found if not each.is_dir() and not stat.S_ISLNK(each.external_attr >> 16)]
        other: dict[str, str] = {}
        return {
            "elf": dict(_elves(archive, members, other)),
            "other": other,
            "pth": dict(_pth(archive, members)),
            "distributions": list(_distributions(archive, members)),
        }


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
        headers = HeaderParser().parsestr(headers_in(archive, member))
        requires = headers.get_all("Requires-Dist", ())[:MOST_REQUIRES]
        wheel = HeaderParser().parsestr(headers_in(archive, by_path.get(f"{folder}/WHEEL")))
        yield {
            "name": str(headers.get("Name", "")).strip()[:MOST_NAME],
            "version": str(headers.get("Version", "")).strip()[:MOST_NAME],
            "requires": [str(each)[:MOST_EXPRESSION] for each in requires],
            "python": str(headers.get("Requires-Python", "")).strip()[:MOST_EXPRESSION],
            "tags": _tags(wheel.get_all("Tag", ())),
            "folder": folder,
            "tops": sorted(_tops(lines_in(archive, by_path.get(f"{folder}/RECORD")))),
        }


def _tags(lines: Iterable[Any]) -> list[str]:
    """The tags of a WHEEL; a longer one than a wheel's name can have stands for more than can be counted."""
    return [tag for line in lines if len(tag := str(line).strip()) <= MOST_NAME]


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
            yield member.filename, list(islice(lines_in(archive, member), _MOST_LINES))


def _tops(record: Iterable[str]) -> set[str]:
    """The top-level names of the modules that a RECORD lists ("Recording installed projects")."""
    found: set[str] = set()
    for path in _listed(record):
        if len(found) > _MOST_TOPS:
            return set()
        top, _, rest = path.partition("/")
        if top.endswith(".data"):
            scheme, _, rest = rest.partition("/")
            top, _, rest = rest.partition("/") if scheme in _LIBRARIES else ("", "", "")
        name = top.partition(".")[0] if not rest else top
        if name.isidentifier() and path.endswith(_MODULES):
            found.add(name)
    return found


def _listed(record: Iterable[str]) -> Iterator[str]:
    # A field longer than any path ends it: what else it lists is not to be known.
    with contextlib.suppress(csv.Error):
        yield from (row[0] for row in csv.reader(record) if row)
