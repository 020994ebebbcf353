"""The uploaded zip archives: checked, measured and kept on disk under their content's hash."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from local import limits

from .errors import invalid


@dataclass(frozen=True, slots=True)
class Archive:
    """One archive.

    Attributes:
        path: where it lies; its content never changes.
        sha256: of the zip, in hex.
        size: of the zip, in bytes.
        unzipped_size: of all its members, in bytes.
    """

    path: Path
    sha256: str
    size: int
    unzipped_size: int

    @property
    def code_sha256(self) -> str:
        """The hash as Lambda writes it, in base64."""
        return base64.b64encode(bytes.fromhex(self.sha256)).decode()


class Archives:
    """All archives of the service.

    Args:
        folder: its own.
        endpoint: the URL of the embedded AWS, where they can be downloaded.
    """

    def __init__(self, folder: Path, endpoint: str) -> None:
        self._folder = folder
        self._endpoint = endpoint
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, content: bytes) -> Archive:
        """Takes an archive in.

        Args:
            content: the zip.

        Returns:
            The archive.

        Raises:
            LambdaError: it is no zip, or larger than Lambda allows when unpacked.
        """
        unzipped = _unzipped_size(content)
        if unzipped > limits.UNZIPPED:
            raise invalid(f"Unzipped size must be smaller than {limits.UNZIPPED} bytes")
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._folder / f"{sha256}.zip"
        if not path.exists():
            self._write(path, content)
        return Archive(path, sha256, len(content), unzipped)

    def find(self, name: str) -> Path | None:
        """Gives the file behind the last part of a `location`, or None."""
        path = self._folder / name
        return path if path.parent == self._folder and path.suffix == ".zip" and path.is_file() else None

    def location(self, archive: Archive) -> str:
        """The URL at which the front serves the archive."""
        return f"{self._endpoint}/_lamina/archives/{archive.path.name}"

    def _write(self, path: Path, content: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".incoming-")
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).replace(path)


def _unzipped_size(content: bytes) -> int:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise invalid(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        ) from error
