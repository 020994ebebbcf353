"""What a lock of any kind asks for on one target: pins, where to look for them, and what that rests on."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import UserError
from ..index.folders import local_path, state
from ..index.settings import Settings, check_addresses, read_settings
from ..index.sources import Sources
from ..target import Target
from .document import PYLOCK, REQUIREMENTS, Document
from .lines import decoded
from .markers import marker_environment
from .options import Options, read_options
from .pinning import pinned
from .requirements import Pin, Requirements, read_requirements
from .terms import Terms


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted.

    Attributes:
        pins: sorted by name, one for each package.
        settings: how indexes are reached, with what the lock says about them put in.
        watched: each file and folder of this machine that decides what is chosen, and its state.
        extras: those that are asked for of a package, by its name.
        open: what the pins require may be added: a requirements file without hashes says nothing about that.
    """

    pins: tuple[Pin, ...]
    settings: Settings
    watched: dict[str, str]
    extras: Mapping[str, frozenset[str]] = field(default_factory=dict)
    open: bool = False


def read_asked(document: Document, target: Target, sources: Sources, terms: Terms) -> Asked:
    """Reads a lock for a target. What a requirements file does not pin exactly is pinned through uv.

    Args:
        document: the lock.
        target: what is built for.
        sources: where index settings come from.
        terms: what else is wanted of the lock.

    Raises:
        UserError: the lock is wrong; all faults at once.
        FailureError: uv could not pin it.
    """
    settings = read_settings(sources)
    if document.kind == REQUIREMENTS:
        return _of_requirements(document, target, settings, terms)
    if document.kind == PYLOCK:
        from .pylock import read_pylock  # noqa: PLC0415 (half of packaging, which other locks do not need)

        locked = read_pylock(_text(document), document.file, target, terms)
    else:
        from .uvlock import read_uv_lock  # noqa: PLC0415 (as above)

        locked = read_uv_lock(document, target, terms)
    settings = replace(settings, known=(*settings.known, *locked.indexes))
    return Asked(locked.pins, settings, _states(locked.looked_at))


def _text(document: Document) -> str:
    try:
        return decoded(document.content)
    except (UnicodeDecodeError, LookupError) as error:
        raise UserError(f"{document.file} is not UTF-8 text") from error


def _of_requirements(document: Document, target: Target, settings: Settings, terms: Terms) -> Asked:
    if terms.extras or terms.groups:
        raise UserError(
            f"{document.file} is a requirements file, which has no extras and no groups to choose; "
            "lock with them, or give a pylock.toml or uv.lock"
        )
    environment = marker_environment(target)
    options, found = _read(document, settings, environment, terms)
    check_addresses(options.settings)
    links = (local_path(link) for link in options.settings.find_links)
    watched = _states([*(path for path in links if path is not None), *found.looked_at])
    asked = Asked(found.pins, options.settings, watched, found.extras, open=not found.hashed)
    if found.unpinned:
        return completed(asked, document, target)
    return _watching(asked)


def completed(asked: Asked, document: Document, target: Target) -> Asked:
    """Pins through uv what a requirements file leaves open: versions, and what its packages require.

    Args:
        asked: what the file says.
        document: the file.
        target: what is built for.

    Raises:
        UserError: the requirements contradict each other or cannot be had.
        FailureError: uv could not do its work.
    """
    lines = pinned(document.file, document.lines, target, asked.settings, os.environ)
    found = read_requirements(lines, marker_environment(target), all_or_nothing=False)
    return _watching(replace(asked, pins=found.pins, open=False))


def _watching(asked: Asked) -> Asked:
    """The same, with the pages of indexes that are folders of this machine watched."""
    indexes = [path for url in asked.settings.indexes if url and (path := local_path(url)) is not None]
    pages = _states(path / pin.name for path in indexes for pin in asked.pins if not pin.files)
    return replace(asked, watched=asked.watched | pages)


def _read(
    document: Document, settings: Settings, environment: dict[str, str], terms: Terms
) -> tuple[Options, Requirements]:
    """Reads options and requirements, and tells the faults of both at once."""
    faults: list[str] = []
    options = Options(settings, require_hashes=False)
    try:
        options = read_options(document.lines, settings)
    except UserError as error:
        faults += error.faults
    try:
        required = options.require_hashes or terms.require_hashes
        found = read_requirements(document.lines, environment, require_hashes=required)
    except UserError as error:
        faults += error.faults
    if faults:
        raise UserError(*faults)
    return options, found


def _states(paths: Iterable[Path]) -> dict[str, str]:
    return {str(path): state(path) for path in paths}
