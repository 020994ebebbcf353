"""Verifying a layer: all checks, all findings at once; what was found is kept for the same layer."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..cache import Cache
from ..cache.kinds import FINDINGS
from ..errors import FailureError
from ..target import Target
from ..tree.manifest import BuiltLayer
from .findings import Finding, Share
from .verdict import Verdict, Wanted

if TYPE_CHECKING:
    # Not needed for a layer whose verdict is known.
    from .subject import Subject

EVERY = Wanted()


def verify_layer(built: BuiltLayer, target: Target, cache: Cache, wanted: Wanted = EVERY) -> Verdict:
    """Verifies a layer that Lamina built.

    Args:
        built: the layer, whose zip is there.
        target: what it is for.
        cache: where its wheels are, and where verdicts are kept: they follow from the zip's bytes, what is
            wanted and the interpreter that tries it. Where a finished layer was fetched from a remote cache
            and its wheels are not here, the zip is looked at instead.
        wanted: what it is looked at for.

    Raises:
        UserError, FailureError: a wheel or the zip cannot be read.
    """

    def subject() -> Subject:
        from .subject import subject_of_layer, subject_of_zip  # noqa: PLC0415 (as above)

        if all(cache.has_wheel(each.sha256) for each in built.packages):
            return subject_of_layer(built, target, cache)
        return subject_of_zip(built.zip, target)

    return _remembered([built.zip_sha256], subject, target, cache, wanted)


def verify_zip(path: Path, target: Target, cache: Cache, wanted: Wanted = EVERY) -> Verdict:
    """Verifies a layer of whatever maker by its zip alone; else as `verify_layer`."""
    try:
        with path.open("rb", buffering=0) as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise FailureError(f"{path} cannot be read: {error.strerror}") from error

    def subject() -> Subject:
        from .subject import subject_of_zip  # noqa: PLC0415 (as above)

        return subject_of_zip(path, target)

    return _remembered([sha256], subject, target, cache, wanted)


def _remembered(
    of: list[object], subject: Callable[[], Subject], target: Target, cache: Cache, wanted: Wanted
) -> Verdict:
    parts = [*of, target.as_json(), *_circumstances(target, cache, wanted)]
    key = hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()
    known = cache.read_json(FINDINGS, key)
    if known is not None:
        findings, shares = known
        return Verdict(
            tuple(Finding(*each) for each in findings),
            tuple(Share(*each) for each in shares),
        )
    from .checks import verdict_of  # noqa: PLC0415 (as above)

    verdict = verdict_of(subject(), cache, wanted)
    # An import may have failed for a reason of the moment, such as a machine that was short of memory.
    if not (wanted.require and verdict.errors):
        cache.write_json(FINDINGS, key, [verdict.findings, verdict.largest])
    return verdict


def _circumstances(target: Target, cache: Cache, wanted: Wanted) -> list[object]:
    parts: list[object] = [wanted.require, wanted.beside, wanted.layers]
    if wanted.require:
        from ..interpreters import find_interpreter  # noqa: PLC0415 (only where something is to be imported)

        interpreter = find_interpreter(target.python, cache)
        parts.append(interpreter.as_json() if interpreter else None)
        # Machines of several kinds may share a cache; what platform would say takes long to load.
        parts.append([sys.platform, os.uname().machine if hasattr(os, "uname") else ""])
    return parts
