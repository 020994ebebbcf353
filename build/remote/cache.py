"""The remote cache of a build: asked for a finished layer first, and given what was built."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import IO

from ..cache import Cache
from ..lock.selection import LockedWheel
from ..output import replacing, settle
from ..progress import Progress
from ..report.beside import SUFFIX
from ..resolve import Question
from ..target import Target
from ..tree.manifest import BuiltLayer, outer_manifest
from ..tree.options import LayerOptions
from .answers import PoisonedError, read, written
from .hashing import HashingFile
from .inputs import Inputs, inputs_of
from .store import Bucket, TooLargeError
from .wheels import RemoteWheels

_LOG = logging.getLogger(__name__)
# The manifest of a layer of 100,000 files that leaves half of them out has less.
_MOST_TEXT = 64 << 20
_KIND = "uploads"


class RemoteCache:
    """Layers and wheels in a bucket; see the package's docstring for what is verified.

    Attributes:
        wheels: those of the bucket.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        """Takes `s3://bucket/prefix`, and connects to nothing yet.

        Args:
            url: where it is.
            read_only: put nothing there.

        Raises:
            UserError: it is no such URL.
        """
        self._bucket = Bucket(url, read_only=read_only)
        self.wheels = RemoteWheels(self._bucket)
        self._refused: set[str] = set()

    @property
    def troubled(self) -> bool:
        """Whether something was told about it, that the next build is to try again."""
        return self._bucket.troubled or bool(self._refused)

    def inputs_of(
        self, question: Question, *, name: str, target: Target, options: LayerOptions
    ) -> Inputs | None:
        """What a layer is made from; None where that depends on files of this machine."""
        document, sources, terms, _ = question
        inputs = inputs_of(document, sources, terms, name=name, target=target, options=options)
        if inputs is None:
            _LOG.info("the layer %s is made from files of this machine, so only its wheels are shared", name)
        return inputs

    def recall(
        self, inputs: Inputs | None, output: Path, *, progress: Progress, zip_wanted: bool = True
    ) -> BuiltLayer | None:
        """A finished layer, if the bucket has it and it is what was asked for.

        Its files are then in `output`; but the zip is only fetched where it is wanted and not there yet.

        Args:
            inputs: what it is made from, if that can be told; see `inputs_of`.
            output: the folder for it.
            progress: told about the zip's bytes.
            zip_wanted: whether the zip is needed.

        Raises:
            FailureError: the folder cannot be written.
        """
        if inputs is None:
            return None
        try:
            content = self._bucket.get(_layer_key(inputs), _MOST_TEXT)
            if content is None:
                return None
            built, sbom = read(content, inputs, output)
        except (PoisonedError, TooLargeError) as error:
            self._refuse(_layer_key(inputs), f"the layer {inputs.name}", error)
            return None
        if zip_wanted and not _is_there(built) and not self._fetched(built, inputs, progress):
            return None
        settle(built.manifest, outer_manifest(built, inputs.options.as_json()))
        settle(built.zip.with_suffix(SUFFIX), sbom.encode())
        return built

    def keep(self, inputs: Inputs | None, built: BuiltLayer, cache: Cache) -> None:
        """Puts a layer that was built here, and its wheels, unless they are there.

        The layer's answer goes last, so that whoever finds it finds the rest.

        Args:
            inputs: what it is made from, if that can be told.
            built: the layer.
            cache: where its wheels are; it remembers what was put.
        """
        answer = inputs.key if inputs else ""
        key = hashlib.sha256(f"{self._bucket.url} {answer} {built.zip_sha256}".encode()).hexdigest()
        if not self._bucket.writable or (not self._refused and cache.read_bytes(_KIND, key) is not None):
            return
        locked = [LockedWheel(each.name, each.version, each.wheel, each.sha256) for each in built.packages]
        self.wheels.keep((wheel, cache.wheel_path(wheel.sha256)) for wheel in locked)
        if inputs is None or self._is_put(inputs, built):
            cache.write_bytes(_KIND, key, b"")

    def _is_put(self, inputs: Inputs, built: BuiltLayer) -> bool:
        zip_key = _zip_key(built)
        sbom = built.zip.with_suffix(SUFFIX).read_text(encoding="utf-8")
        return self._bucket.put(zip_key, built.zip, replace=zip_key in self._refused) and self._bucket.put(
            _layer_key(inputs), written(built, inputs, sbom), replace=bool(self._refused)
        )

    def _fetched(self, built: BuiltLayer, inputs: Inputs, progress: Progress) -> bool:
        key = _zip_key(built)
        try:
            with replacing(built.zip) as stream:
                self._fetch(stream, built, inputs, progress)
        except _MissingError:
            return False
        except (PoisonedError, TooLargeError) as error:
            self._refuse(key, f"the zip of the layer {inputs.name}", error)
            return False
        return True

    def _fetch(self, stream: IO[bytes], built: BuiltLayer, inputs: Inputs, progress: Progress) -> None:
        from .zips import check_zip  # noqa: PLC0415 (not for a layer whose zip is there, or is not wanted)

        target = HashingFile(stream)
        with progress.stage("fetching the layer", total=built.zip_size, unit="bytes") as stage:
            if not self._bucket.download(_zip_key(built), target, built.zip_size, stage.advance):
                raise _MissingError
        if target.sha256 != built.zip_sha256:
            raise PoisonedError("its bytes are not those that its manifest tells")
        target.flush()
        check_zip(Path(stream.name), built, inputs.target, inputs.options)

    def _refuse(self, key: str, what: str, error: Exception) -> None:
        self._refused.add(key)
        reason = str(error) or "it is longer than it can be"
        _LOG.warning(
            "%s in the remote cache %s is refused: %s; it is built here", what, self._bucket.url, reason
        )


class _MissingError(Exception):
    """An object is not there, or out of reach."""


def _is_there(built: BuiltLayer) -> bool:
    try:
        with built.zip.open("rb", buffering=0) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == built.zip_sha256
    except OSError:
        return False


def _layer_key(inputs: Inputs) -> str:
    return f"layers/{inputs.key[:2]}/{inputs.key}.json"


def _zip_key(built: BuiltLayer) -> str:
    return f"zips/{built.zip_sha256[:2]}/{built.zip_sha256}.zip"
