"""Verifying a whole cache: every wheel is hashed and read again, every other entry held to its seal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import LaminaError
from ..progress import SILENT, Progress
from .entries import told
from .kinds import FACTS, NOTES, WHEELS
from .seal import UnsealedError, opened
from .store import Cache
from .survey import Entry, entries, is_old


@dataclass(frozen=True, slots=True)
class Damage:
    """An entry that was not what it should be, and is removed.

    Attributes:
        path: where it lay, below the cache's folder.
        label: the wheel's file name where it is known, else the kind of entry.
        what: is wrong with it.
    """

    path: str
    label: str
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What verifying found.

    Attributes:
        entries: how many were looked at.
        size: of all of them, in bytes.
        damages: in the order of their paths.
    """

    entries: int
    size: int
    damages: tuple[Damage, ...]


def verify(cache: Cache, *, progress: Progress = SILENT) -> Verified:
    """Looks at everything in a cache and removes what is damaged.

    A wheel's bytes must have the hash that is its name, and reading it must give the facts that are kept
    about it. Entries that other versions of Lamina wrote, and files under way, are left to them.

    Args:
        cache: which.
        progress: told how many bytes are done.

    Raises:
        FailureError: the folder cannot be read, or not be written.
    """
    with told(cache.root):
        found = [entry for entry in entries(cache.root) if not entry.temporary and not is_old(entry)]
        size = sum(entry.size for entry in found)
        damages: list[Damage] = []
        with progress.stage("verifying the cache", total=size, unit="bytes") as stage:
            for entry in found:
                damages += _damages(cache, entry)
                stage.advance(entry.size)
        return Verified(len(found), size, tuple(damages))


def _damages(cache: Cache, entry: Entry) -> Iterator[Damage]:
    try:
        if entry.kind == WHEELS:
            label, what = _of_wheel(cache, entry)
        elif entry.kind == NOTES:
            label, what = "a note", _of_note(entry)
        else:
            label, what = f"one of the {entry.kind}", _of_sealed(entry)
    except FileNotFoundError:
        # Pruned, or thrown away by a build, since it was listed.
        return
    if what:
        entry.path.unlink(missing_ok=True)
        yield Damage(str(entry.path.relative_to(cache.root)), label, what)


def _of_wheel(cache: Cache, entry: Entry) -> tuple[str, str]:
    facts = cache.read_json(FACTS, entry.key)
    label = facts["filename"] if isinstance(facts, dict) else "a wheel"
    with entry.path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != entry.key:
            cache.forget(FACTS, entry.key)
            return label, "its bytes are not those that were admitted"
    return label, "" if facts is None else _of_facts(cache, entry, facts)


def _of_facts(cache: Cache, entry: Entry, facts: Any) -> str:
    from ..wheel.reading import read_facts  # noqa: PLC0415 (only for this)

    try:
        # As JSON has them: tuples become lists there.
        same: bool = json.loads(json.dumps(read_facts(entry.path, facts["filename"]))) == facts
    except LaminaError as error:
        cache.forget(FACTS, entry.key)
        return f"it is refused today: {error}"
    if same:
        return ""
    cache.forget(FACTS, entry.key)
    return "the facts that are kept about it are not true of it"


def _of_note(entry: Entry) -> str:
    kept = entry.path.read_bytes()
    length = hashlib.sha256().digest_size
    return "" if hashlib.sha256(kept[length:]).digest() == kept[:length] else "it is not whole"


def _of_sealed(entry: Entry) -> str:
    try:
        _, content = opened(entry.path.read_bytes())
    except UnsealedError:
        return "it has no seal"
    return "" if content is not None else "its content is not what was sealed"
