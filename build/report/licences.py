"""What a wheel's METADATA says of a package's licence and of what it requires."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import NamedTuple

_MOST_BYTES = 8 << 20


class Notes(NamedTuple):
    """What a package says of itself ("Core metadata specifications").

    Attributes:
        licence: an SPDX expression or a licence's name; None where it says neither.
        summary: one line; empty where there is none.
        requires: its `Requires-Dist` lines.
    """

    licence: str | None
    summary: str
    requires: tuple[str, ...]


def notes_of(wheel: Path) -> Notes:
    """Reads a wheel of the cache; what cannot be read says nothing."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
            own = min(names, key=lambda name: (name.count("/"), name))
            with archive.open(own) as stream:
                text = stream.read(_MOST_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError):
        return Notes(None, "", ())
    headers = HeaderParser().parsestr(text)
    return Notes(
        licence=next(
            _licences(
                headers.get("License-Expression"), headers.get("License"), headers.get_all("Classifier") or []
            ),
            None,
        ),
        summary=" ".join(str(headers.get("Summary") or "").split()),
        requires=tuple(str(each) for each in headers.get_all("Requires-Dist") or ()),
    )


def _licences(expression: str | None, text: str | None, classifiers: list[str]) -> Iterator[str]:
    if expression:
        yield expression.strip()
    # Many put the whole text of the licence there.
    if text and "\n" not in text.strip() and 0 < len(text.strip()) <= 100:
        yield text.strip()
    for classifier in classifiers:
        kind, _, name = classifier.rpartition(" :: ")
        if kind.startswith("License"):
            yield name
