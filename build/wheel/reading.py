"""Reading a wheel: its files are hashed, compared with RECORD and located, once, when it enters the cache."""

from __future__ import annotations

import base64
import errno
import hashlib
import stat
import zipfile
import zlib
from collections.abc import Callable
from email.parser import HeaderParser
from pathlib import Path
from typing import IO, Any

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from ..errors import FailureError, UserError, all_faults
from .facts import DEFLATED, FORMAT, STORED, File
from .places import DistInfo, PlaceError, installed_path
from .record import RecordError, parse_record, record_text
from .streams import StreamError, content, stream_offset

_ENCRYPTED = 1
_MOST_FAULTS = 5
_MOST_BYTES = 0xFFFFFFFF
# RECORD has no hash of itself and of its signatures; "installation will fail if any [other] file in the
# archive is not both mentioned and correctly hashed" ("Binary distribution format", "Signed wheel files").
_UNLISTED = ("RECORD", "RECORD.jws", "RECORD.p7s")


def read_facts(path: Path, filename: str) -> dict[str, Any]:
    """Reads a wheel whole and says what it holds.

    Args:
        path: where it lies.
        filename: its name as the index spells it.

    Returns:
        `format`, `filename`, `size` (of the wheel, in bytes), `record` (the path of RECORD), `record_text`
        (what it says once the wheel is installed), and `files`, a list of `facts.File`; as JSON has them.

    Raises:
        UserError: it cannot be installed safely, or its RECORD is not true; all faults at once.
        FailureError: it cannot be read.
    """
    try:
        with path.open("rb") as stream, zipfile.ZipFile(stream) as archive:
            reader = _Reader(filename, stream, archive)
            files = reader.files()
            size = path.stat().st_size
            record = f"{reader.dist_info.folder}/RECORD"
    except (zipfile.BadZipFile, RuntimeError, ValueError, EOFError) as error:
        # The last three are what zipfile says to versions, names and lengths that make no sense.
        raise UserError(f"{filename} is not a sound zip archive: {error}") from error
    except OSError as error:
        if error.errno == errno.EINVAL:
            # An offset before the file's beginning, which only a damaged directory has.
            raise UserError(
                f"{filename} is not a sound zip archive: an offset in it makes no sense"
            ) from error
        raise FailureError(f"{filename} cannot be read from {path}: {error.strerror or error}") from error
    return {
        "format": FORMAT,
        "filename": filename,
        "size": size,
        "record": record,
        "record_text": record_text(((file.path, file.sha256, file.size) for file in files), record),
        "files": files,
    }


class _Reader:
    """One wheel, open."""

    def __init__(self, filename: str, stream: IO[bytes], archive: zipfile.ZipFile) -> None:
        self._filename = filename
        self._stream = stream
        self._archive = archive
        self._faults: list[str] = []
        self._members = self._checked_members()
        self._raise_faults()
        self.dist_info = self._find_dist_info()
        self._exempt = {f"{self.dist_info.folder}/{name}" for name in _UNLISTED}
        self._check_wheel_version()

    def files(self) -> list[File]:
        """The files that are installed, sorted by path; raises every fault there is."""
        listed = self._record()
        found: dict[str, File] = {}
        for name, info in self._members.items():
            file = self._file(name, info, listed)
            if file is None:
                continue
            twin = found.setdefault(file.path, file)
            if twin.sha256 != file.sha256:
                self._faults.append(f"{file.path} would be installed twice, with different bytes")
        self._faults += [
            f"{path} is in RECORD but not in the wheel" for path in listed.keys() - self._members
        ]
        self._raise_faults()
        return sorted(found.values())

    def _checked_members(self) -> dict[str, zipfile.ZipInfo]:
        members: dict[str, zipfile.ZipInfo] = {}
        for info in self._archive.infolist():
            # A NUL ends the name for zipfile, and other tools read on: the names must agree.
            fault = name_fault(info.orig_filename) or _kind_fault(info)
            if fault:
                self._faults.append(f"{info.orig_filename!r} {fault}")
            elif info.filename in members:
                self._faults.append(f"{info.filename} is in it twice")
            elif not info.is_dir():
                members[info.filename] = info
        return members

    def _find_dist_info(self) -> DistInfo:
        name, version = _identity(self._filename)
        tops = {path.partition("/")[0] for path in self._members}
        found = [top for top in sorted(tops) if _is_dist_info(top, name, version)]
        if len(found) != 1:
            there = ", ".join(top for top in sorted(tops) if top.endswith(".dist-info")) or "none"
            raise UserError(
                f"{self._filename} must have one dist-info folder of {name} {version}; it has {there}"
            )
        return DistInfo(folder=found[0], name=name)

    def _check_wheel_version(self) -> None:
        headers = HeaderParser().parsestr(self._text("WHEEL"))
        version = str(headers.get("Wheel-Version", "")).strip()
        if version.partition(".")[0] != "1":
            raise UserError(f"{self._filename} has wheel format {version or 'of no version'}; 1.x is known")

    def _record(self) -> dict[str, tuple[str, str]]:
        try:
            listed = parse_record(self._text("RECORD"))
        except RecordError as error:
            raise UserError(f"{self._filename} has a damaged RECORD: {error}") from error
        return {path: line for path, line in listed.items() if path not in self._exempt}

    def _text(self, member: str) -> str:
        path = f"{self.dist_info.folder}/{member}"
        if path not in self._members:
            raise UserError(f"{self._filename} has no {path}; it is not a complete wheel")
        try:
            return self._archive.read(self._members[path]).decode("utf-8")
        except (UnicodeDecodeError, zlib.error, EOFError) as error:
            raise UserError(f"{self._filename} has a damaged {path}: {error}") from error

    def _file(self, name: str, info: zipfile.ZipInfo, listed: dict[str, tuple[str, str]]) -> File | None:
        try:
            path = installed_path(name, self.dist_info)
            algorithm, wanted = self._wanted(name, listed)
            offset = stream_offset(self._stream, info)
            sha256, found = self._hashes(info, offset, algorithm)
        except (PlaceError, RecordError) as error:
            self._faults.append(str(error))
            return None
        except StreamError as error:
            self._faults.append(f"{name} is damaged: {error}")
            return None
        size = listed.get(name, ("", ""))[1]
        if (wanted and wanted != found) or (size and size != str(info.file_size)):
            self._faults.append(f"{name} is not the file that RECORD lists")
        if path is None:
            return None
        return File(
            path=path,
            executable=bool(info.external_attr >> 16 & 0o111),
            method=info.compress_type,
            crc=info.CRC,
            packed=info.compress_size,
            size=info.file_size,
            offset=offset,
            sha256=sha256,
        )

    def _wanted(self, name: str, listed: dict[str, tuple[str, str]]) -> tuple[str, str]:
        """The hash that RECORD has for a member: its algorithm and its digits."""
        if name in self._exempt:
            return "sha256", ""
        if name not in listed:
            raise RecordError(f"{name} is not in RECORD")
        algorithm, _, wanted = listed[name][0].partition("=")
        if algorithm not in _HASHES or not wanted:
            raise RecordError(f"{name} has no SHA-256 or better in RECORD, but {algorithm or 'no hash'}")
        return algorithm, wanted.rstrip("=")

    def _hashes(self, info: zipfile.ZipInfo, offset: int, algorithm: str) -> tuple[str, str]:
        """The content's SHA-256 in hexadecimal digits, and its hash by the algorithm as RECORD writes it."""
        own = hashlib.sha256()
        other = own if algorithm == "sha256" else _HASHES[algorithm]()
        for piece in content(self._stream, info, offset):
            own.update(piece)
            if other is not own:
                other.update(piece)
        return own.hexdigest(), base64.urlsafe_b64encode(other.digest()).rstrip(b"=").decode()

    def _raise_faults(self) -> None:
        if not self._faults:
            return
        shown = sorted(self._faults)[:_MOST_FAULTS]
        more = len(self._faults) - len(shown)
        rest = f"; and {more} more" if more else ""
        raise UserError(f"{self._filename} cannot be installed: {all_faults(shown)}{rest}")


_HASHES: dict[str, Callable[[], hashlib._Hash]] = {
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}


def name_fault(name: str) -> str | None:
    """What is wrong with a member's name, or None: it must stay below the folder that it is unpacked into."""
    parts = name.removesuffix("/").split("/")
    if any(ord(character) < 32 or ord(character) == 127 for character in name):
        return "has a control character in its name"
    if "\\" in name or (len(parts[0]) == 2 and parts[0][1] == ":"):
        return "has a name of another operating system"
    if name.startswith("/") or not all(part and part not in {".", ".."} for part in parts):
        return "has a name that leads elsewhere"
    return None


def _kind_fault(info: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind and not info.is_dir() and kind != stat.S_IFREG:
        return "is not a regular file (a link or a device)"
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if info.compress_type not in {STORED, DEFLATED}:
        return f"is packed by method {info.compress_type}, which Lambda cannot unpack"
    if max(info.file_size, info.compress_size) >= _MOST_BYTES:
        return "has 4 GiB or more"
    if info.filename != info.orig_filename:
        return f"has a second name, {info.filename!r}"
    return None


def _identity(filename: str) -> tuple[str, Version]:
    try:
        name, version, _, _ = parse_wheel_filename(filename)
    except (InvalidWheelFilename, InvalidVersion) as error:
        raise UserError(f"{filename} is not a wheel's file name: {error}") from error
    return name, version


def _is_dist_info(folder: str, name: str, version: Version) -> bool:
    if not folder.endswith(".dist-info"):
        return False
    own_name, _, own_version = folder.removesuffix(".dist-info").rpartition("-")
    try:
        return canonicalize_name(own_name) == name and Version(own_version) == version
    except InvalidVersion:
        return False
