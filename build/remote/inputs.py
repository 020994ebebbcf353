"""What a layer is made from, as a key that is the same on every machine."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..cache.kinds import PLANS, SELECTIONS, format_of
from ..index.folders import local_path
from ..index.sources import Sources
from ..lock.document import REQUIREMENTS, Document
from ..lock.lines import Line
from ..lock.terms import Terms
from ..redaction import redacted
from ..target import Target
from ..tree import identity
from ..tree import options as choices
from ..tree.options import LayerOptions
from ..wheel import facts

# Changes whenever the same inputs could give another answer, or answers are written in another way.
FORMAT = 2

_LINKS = re.compile(r"(?:-f|--find-links)[\s=]*(.*)", re.DOTALL)
_INDEXES = re.compile(r"(?:-i|-e|--index-url|--extra-index-url|--editable)[\s=]*(.*)", re.DOTALL)
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
    enter it. Folders of wheels on this machine enter it by their content, unless the lock names hashes: then
    they cannot change what is in the layer.

    Args:
        document: the lock.
        sources: index settings.
        terms: what is wanted of the lock.
        name: the layer's.
        target: what it is for.
        options: what else makes a difference; `settled` ones.
    """
    hashed = _is_hashed(document)
    settings = list(_settings(sources, hashed=hashed))
    if document.kind == REQUIREMENTS:
        content: list[Any] = [[line.constraint, redacted(line.text)] for line in document.lines]
        settings += [_of_line(line) for line in document.lines if not hashed]
        named = " ".join(line.text for line in document.lines).encode()
    else:
        beside = [[each, _digest(found)] for each, found in sorted(document.beside.items())]
        content = [document.kind, _digest(document.content), beside]
        named = document.content
        if re.search(rb'\b(?:path|directory)\s*=|registry\s*=\s*"(?!https?:)', named):
            return None
    if None in settings:
        return None
    formats = [FORMAT, facts.FORMAT, identity.FORMAT, choices.FORMAT]
    wanted = [terms.require_hashes, terms.extras, terms.groups]
    parts = [*formats, format_of(PLANS), format_of(SELECTIONS), name, target.as_json(), options.as_json()]
    text = json.dumps([*parts, wanted, settings, content], separators=(",", ":"))
    hashes = frozenset(found.decode() for found in _HASH.findall(named)) if hashed else None
    return Inputs(hashlib.sha256(text.encode()).hexdigest(), name, target, options, hashes)


def _is_hashed(document: Document) -> bool:
    """Whether a lock names the hash of everything that it installs."""
    if document.kind != REQUIREMENTS:
        return True
    asked = [line.text for line in document.lines if line.text[0] != "-" and not line.constraint]
    return all("--hash" in text for text in asked)


def _settings(sources: Sources, *, hashed: bool) -> Iterator[list[str] | None]:
    """What says which indexes are asked; None for what cannot be told to another machine."""
    for name, value in sorted(sources.variables.items()):
        if name.startswith("UV_INDEX_") and name != "UV_INDEX_URL":
            # The credentials of a named index.
            continue
        if "FIND_LINKS" in name:
            yield from ([name, found] if found else None for found in _links(value, Path.cwd()) if not hashed)
        elif "INDEX" in name:
            is_told = hashed or "NO_INDEX" in name or _is_elsewhere(value)
            yield [name, redacted(value)] if is_told else None
    for file in sources.files:
        if not hashed and re.search(rb"find[-_]links|file:", file.content):
            yield None
        yield [file.kind, _digest(redacted(file.content.decode("latin-1")).encode())]


def _of_line(line: Line) -> list[str] | None:
    """What a line of a requirements file without hashes stands for beside its text."""
    if line.text[0] != "-":
        local = line.text[0] in "./~" or "file:" in line.text
        return None if local or (".whl" in line.text and "://" not in line.text) else []
    if found := _LINKS.match(line.text):
        # They count from the working folder, or from the file's.
        links = [*_links(found[1], Path.cwd()), *_links(found[1], line.file.parent)]
        return None if None in links else [each for each in links if each]
    found = _INDEXES.match(line.text)
    return [] if found is None or _is_elsewhere(found[1]) else None


def _links(value: str, folder: Path) -> Iterator[str | None]:
    """For each place where wheels are looked for, its URL, or what lies in the folder; None if unreadable."""
    for part in value.split(","):
        for link in part.split():
            path = local_path(link)
            if path is None and "://" in link:
                yield redacted(link)
            else:
                yield _content_of(folder / (path or link))


def _content_of(folder: Path) -> str | None:
    found = hashlib.sha256()
    try:
        wheels = sorted(folder.glob("*.whl")) if folder.is_dir() else []
        for wheel in wheels:
            with wheel.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            found.update(f"{wheel.name}\0{digest}\n".encode("utf-8", "surrogateescape"))
    except OSError:
        return None
    return None if folder.is_file() else found.hexdigest()


def _is_elsewhere(value: str) -> bool:
    return all("://" in part and "file:" not in part for part in value.split())


def _digest(content: bytes | None) -> str:
    return "" if content is None else hashlib.sha256(content).hexdigest()
