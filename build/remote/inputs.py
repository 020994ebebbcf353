"""What a layer is made from, as a key that is the same on every machine."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..cache.kinds import PLANS, SELECTIONS, format_of
from ..index.sources import Sources
from ..lock.document import REQUIREMENTS, Document
from ..lock.terms import Terms
from ..redaction import redacted
from ..target import Target
from ..tree import identity
from ..tree import options as choices
from ..tree.options import LayerOptions
from ..wheel import facts

# Changes whenever the same inputs could give another answer, or answers are written in another way.
FORMAT = 1

_PLACES = re.compile(
    r"(?:-f|-i|-e|--find-links|--index-url|--extra-index-url|--editable)[\s=]*(.*)", re.DOTALL
)
_HASH = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a layer is made from.

    Attributes:
        key: of all of it; 64 hexadecimal digits.
        name: the layer's.
        target: what it is for.
        options: what else makes a difference; `settled` ones.
        hashes: the SHA-256s that the lock names; None where it does not name one for everything.
    """

    key: str
    name: str
    target: Target
    options: LayerOptions
    hashes: frozenset[str] | None


def inputs_of(
    document: Document, sources: Sources, terms: Terms, *, name: str, target: Target, options: LayerOptions
) -> Inputs | None:
    """What a layer is made from, or None where that depends on files of this machine.

    The key is over the lock's lines (of another kind of lock, its bytes and those of its project's file), the
    target, the options, the layer's name, and the settings that say which indexes are asked. No credentials
    enter it, and no folders.

    Args:
        document: the lock.
        sources: index settings.
        terms: what is wanted of the lock.
        name: the layer's.
        target: what it is for.
        options: what else makes a difference; `settled` ones.
    """
    settings = list(_settings(sources))
    if document.kind == REQUIREMENTS:
        content: list[Any] = [[line.constraint, redacted(line.text)] for line in document.lines]
        local = any(_is_local(line.text) for line in document.lines)
        hashed = all("--hash" in line.text for line in document.lines if line.text[0] != "-")
        named = " ".join(line.text for line in document.lines).encode()
    else:
        beside = [[each, _digest(found)] for each, found in sorted(document.beside.items())]
        content = [document.kind, _digest(document.content), beside]
        local = bool(re.search(rb'\b(?:path|directory)\s*=|registry\s*=\s*"(?!https?:)', document.content))
        hashed, named = True, document.content
    if local or any(setting is None for setting in settings):
        return None
    formats = [FORMAT, facts.FORMAT, identity.FORMAT, choices.FORMAT]
    wanted = [terms.require_hashes, terms.extras, terms.groups]
    parts = [*formats, format_of(PLANS), format_of(SELECTIONS), name, target.as_json(), options.as_json()]
    text = json.dumps([*parts, wanted, settings, content], separators=(",", ":"))
    hashes = frozenset(found.decode() for found in _HASH.findall(named)) if hashed else None
    return Inputs(hashlib.sha256(text.encode()).hexdigest(), name, target, options, hashes)


def _settings(sources: Sources) -> Iterator[Sequence[Any] | None]:
    """What says which indexes are asked; None for what names a folder of this machine."""
    for name, value in sorted(sources.variables.items()):
        if name.startswith("UV_INDEX_") and name != "UV_INDEX_URL":
            # The credentials of a named index.
            continue
        if "INDEX" in name or "FIND_LINKS" in name:
            is_flag = "NO_INDEX" in name
            yield (name, redacted(value)) if is_flag or _is_elsewhere(value) else None
    for file in sources.files:
        if re.search(rb"find[-_]links|file:", file.content):
            yield None
        yield file.kind, hashlib.sha256(redacted(file.content.decode("latin-1")).encode()).hexdigest()


def _is_local(text: str) -> bool:
    """Whether a line of a requirements file names a file or folder of this machine."""
    if text[0] == "-":
        found = _PLACES.match(text)
        return bool(found) and not _is_elsewhere(found[1] if found else "")
    return text[0] in "./~" or "file:" in text or (".whl" in text and "://" not in text)


def _is_elsewhere(value: str) -> bool:
    return all("://" in part and "file:" not in part for part in value.split())


def _digest(content: bytes | None) -> str:
    return "" if content is None else hashlib.sha256(content).hexdigest()
