"""From a lock to wheels in the cache; a lock seen before needs no library and no network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .cache import Cache
from .index.answers import lock_key, recall_lock, remember_lock
from .index.sources import Sources, read_sources
from .lock.document import REQUIREMENTS, Document, read_document
from .lock.selection import LockedWheel
from .lock.terms import Terms
from .progress import SILENT, Progress
from .target import Target


class Question(NamedTuple):
    """What is asked of a lock, and the key under which the answer is remembered."""

    document: Document
    sources: Sources
    terms: Terms
    key: str


def question_of(
    lock: Path,
    target: Target,
    *,
    require_hashes: bool = False,
    extras: Sequence[str] = (),
    groups: Sequence[str] = (),
) -> Question:
    """Reads a lock as far as it takes to recognise it; else as `wheels_for`."""
    document = read_document(lock)
    # The other kinds name their files themselves; a uv.lock's project may say how its indexes are reached.
    asks_indexes = document.kind == REQUIREMENTS
    sources = read_sources(folder=None if asks_indexes else lock.absolute().parent)
    required = require_hashes or sources.require_hashes
    terms = Terms(required, tuple(sorted(set(extras))), tuple(sorted(set(groups))))
    key = lock_key(document, target, terms, sources.fingerprint() if asks_indexes else "")
    return Question(document, sources, terms, key)


def is_known(question: Question, cache: Cache) -> bool:
    """Whether the answer is remembered, and its wheels are in the cache."""
    return recall_lock(cache, question.key) is not None


def wheels_for(
    lock: Path,
    target: Target,
    cache: Cache,
    *,
    progress: Progress = SILENT,
    refresh: bool = False,
    require_hashes: bool = False,
    extras: Sequence[str] = (),
    groups: Sequence[str] = (),
) -> tuple[LockedWheel, ...]:
    """Gives the wheel of every package that a lock asks for on a target; all are in the cache afterwards.

    The answer is remembered by the lock's content, the target, the terms and, for a requirements file, the
    index settings: the same lock gets the same wheels for as long as the cache has them, also where it pins
    no hashes or is pinned by uv first. Wheels that lie on this machine are looked at again when they change.

    Args:
        lock: a requirements file, a `pylock.toml` or a `uv.lock`. What a requirements file does not pin
            exactly is pinned through uv for the target, and so is what its pins require and it does not
            name, unless it has hashes.
        target: what is built for; markers are evaluated for it.
        cache: where wheels and answers are kept.
        progress: is told about index pages and downloads.
        refresh: forget earlier answers and ask the indexes again (wheels in the cache are used all the same).
        require_hashes: refuse what the lock has no hash of.
        extras: of a `pylock.toml` or `uv.lock`, those that are wanted.
        groups: dependency groups that are wanted beside a lock's default ones.

    Returns:
        One wheel for each package, sorted by name.

    Raises:
        UserError: the lock is wrong, or asks for what has no wheel for the target; all such faults together.
        FailureError: an index or a download failed, or a file is not the one that was locked.
    """
    document, sources, terms, key = question_of(
        lock, target, require_hashes=require_hashes, extras=extras, groups=groups
    )
    known = None if refresh else recall_lock(cache, key)
    if known is not None:
        return known
    from .index.search import search  # noqa: PLC0415 (packaging and httpx cost more than a whole warm build)
    from .lock.asked import read_asked  # noqa: PLC0415 (as above)

    with progress.stage("reading the lock", total=0, unit="files"):
        # What is not pinned is pinned by uv, which takes a while.
        asked = read_asked(document, target, sources, terms)
    wheels = search(asked, target, cache, progress=progress, refresh=refresh)
    if asked.open:
        from .completion import completed_where_it_lacks  # noqa: PLC0415 (as above)

        whole = completed_where_it_lacks(asked, wheels, document, target, cache)
        if whole is not asked:
            asked = whole
            wheels = search(asked, target, cache, progress=progress, refresh=refresh)
    remember_lock(cache, key, wheels, asked.watched)
    return wheels
