"""Reading a wheel: its files are hashed, compared with RECORD and located, once, when it enters the cache."""

from __future__ import annotations

import base64
import errno
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from ..errors import FailureError
from .entry_points import script_faults
from .facts import FORMAT, File
from .limits import MOST_HEADERS, MOST_RECORD
from .members import read_members
from .names import colliding, shown
from .naming import check_headers, find_dist_info
from .places import PlaceError, installed_path
from .record import RecordError, parse_lines, record_text
from .refusal import refuse, refused, unsound
from .streams import Member, StreamError

# RECORD has no hash of itself and of its signatures; "installation will fail if any [other] file in the
# archive is not both mentioned and correctly hashed" ("Binary distribution format", "Signed wheel files").
_ENTRY_POINTS = "entry_points.txt"
_UNLISTED = ("RECORD", "RECORD.jws", "RECORD.p7s")


def read_facts(path: Path, filename: str) -> dict[str, Any]:
    """Reads a wheel whole and says what it holds.

    Args:
        path: where it lies.
        filename: its name as the index spells it.

    Returns:
        `format`, `filename`, `size` (of the wheel, in bytes), `requires_python` (METADATA's, or None),
        `requires` (its lines of `Requires-Dist`), `record` (the path of RECORD), `record_text` (what it says
        once the wheel is installed), and `files`, a list of `facts.File`; as JSON has them.

    Raises:
        UserError: it cannot be installed safely, or its RECORD is not true; all faults at once.
        FailureError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            reader = _Reader(filename, stream, read_members(stream, path, filename))
            files = reader.files()
            size = path.stat().st_size
            record = f"{reader.dist_info.folder}/RECORD"
    except OSError as error:
        if error.errno == errno.EINVAL:
            # An offset before the file's beginning, which only a damaged directory has.
            raise unsound(filename, "an offset in it makes no sense") from error
        raise FailureError(
            f"{shown(filename)} cannot be read from {path}: {error.strerror or error}"
        ) from error
    return {
        "format": FORMAT,
        "filename": filename,
        "size": size,
        "requires_python": reader.needs.requires_python,
        "requires": list(reader.needs.requires),
        "record": record,
        "record_text": record_text(((file.path, file.sha256, file.size) for file in files), record),
        "files": files,
    }


class _Reader:
    """One wheel, open."""

    def __init__(self, filename: str, stream: IO[bytes], members: dict[str, Member]) -> None:
        self._filename = filename
        self._stream = stream
        self._members = members
        self._faults: list[str] = []
        self.dist_info = find_dist_info(filename, members)
        self._exempt = {f"{self.dist_info.folder}/{name}" for name in _UNLISTED}
        self.needs = check_headers(filename, self.dist_info, self._headers)
        if f"{self.dist_info.folder}/{_ENTRY_POINTS}" in members:
            self._faults += script_faults(self._headers(_ENTRY_POINTS))

    def files(self) -> list[File]:
        """The files that are installed, sorted by path; raises every fault there is.

        What is done with is let go of at once: there may be a hundred thousand of each.
        """
        listed = self._record()
        found: dict[str, File] = {}
        for name in list(self._members):
            file = self._file(name, self._members.pop(name), listed.pop(name, None))
            if file is None:
                continue
            twin = found.setdefault(file.path, file)
            if twin.sha256 != file.sha256:
                self._faults.append(f"{shown(file.path)} would be installed twice, with different bytes")
        self._faults += [f"{shown(path)} is in RECORD but not in the wheel" for path in listed]
        self._faults += [
            f"{shown(path)} would be installed as a file and a folder" for path, _ in colliding(found)
        ]
        refuse(self._filename, self._faults)
        return sorted(found.values())

    def _headers(self, name: str) -> str:
        try:
            with self._text(name, MOST_HEADERS) as lines:
                return lines.read()
        except UnicodeDecodeError as error:
            path = f"{self.dist_info.folder}/{name}"
            raise refused(self._filename, f"has a damaged {path}: it is not UTF-8") from error

    def _record(self) -> dict[str, tuple[str, str]]:
        try:
            with self._text("RECORD", MOST_RECORD) as lines:
                listed = parse_lines(lines)
        except RecordError as error:
            raise refused(self._filename, f"has a damaged RECORD: {error}") from error
        except UnicodeDecodeError as error:
            raise refused(self._filename, "has a damaged RECORD: it is not UTF-8") from error
        return {path: line for path, line in listed.items() if path not in self._exempt}

    def _text(self, name: str, most: int) -> io.TextIOWrapper:
        """A file of dist-info; its lines are decoded as they are read."""
        path = f"{self.dist_info.folder}/{name}"
        member = self._members.get(path)
        if member is None:
            raise refused(self._filename, f"has no {path}; it is not a complete wheel")
        if member.info.file_size > most:
            raise refused(self._filename, f"has a {path} of more than {most} bytes")
        try:
            raw = b"".join(member.pieces(self._stream))
        except StreamError as error:
            raise refused(self._filename, f"has a damaged {path}: {error}") from error
        return io.TextIOWrapper(io.BytesIO(raw), "utf-8", newline="")

    def _file(self, name: str, member: Member, line: tuple[str, str] | None) -> File | None:
        info = member.info
        try:
            path = installed_path(name, self.dist_info)
            algorithm, wanted = self._wanted(name, line)
            sha256, found = self._hashes(member, algorithm)
        except (PlaceError, RecordError) as error:
            self._faults.append(str(error))
            return None
        except StreamError as error:
            self._faults.append(f"{shown(name)} is damaged: {error}")
            return None
        size = line[1] if line else ""
        if (wanted and wanted != found) or (size and size != str(info.file_size)):
            self._faults.append(f"{shown(name)} is not the file that RECORD lists")
        if path is None:
            return None
        return File(
            path=path,
            # As uv has it; pip wants the mode to say, too, that it is a regular file's.
            executable=bool(info.external_attr >> 16 & 0o111),
            method=info.compress_type,
            crc=info.CRC,
            packed=info.compress_size,
            size=info.file_size,
            offset=member.offset,
            sha256=sha256,
        )

    def _wanted(self, name: str, line: tuple[str, str] | None) -> tuple[str, str]:
        """The hash that RECORD has for a member: its algorithm and its digits."""
        if name in self._exempt:
            return "sha256", ""
        if line is None:
            raise RecordError(f"{shown(name)} is not in RECORD")
        algorithm, _, wanted = line[0].partition("=")
        if algorithm not in _HASHES or not wanted:
            raise RecordError(
                f"{shown(name)} has no SHA-256 or better in RECORD, but {shown(algorithm) or 'no hash'}"
            )
        return algorithm, wanted.rstrip("=")

    def _hashes(self, member: Member, algorithm: str) -> tuple[str, str]:
        """The content's SHA-256 in hexadecimal digits, and its hash by the algorithm as RECORD writes it."""
        own = hashlib.sha256()
        other = own if algorithm == "sha256" else _HASHES[algorithm]()
        for piece in member.pieces(self._stream):
            own.update(piece)
            if other is not own:
                other.update(piece)
        return own.hexdigest(), base64.urlsafe_b64encode(other.digest()).rstrip(b"=").decode()


_HASHES: dict[str, Callable[[], hashlib._Hash]] = {
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}
