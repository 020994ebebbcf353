"""From a lock to wheels in the cache; a lock seen before needs no library and no network."""

from __future__ import annotations

from pathlib import Path

from .cache import Cache
from .index.answers import lock_key, recall_lock, remember_lock
from .index.sources import read_sources
from .lock.lines import read_lines
from .lock.selection import LockedWheel
from .progress import SILENT, Progress
from .target import Target


def wheels_for(
    lock: Path, target: Target, cache: Cache, *, progress: Progress = SILENT, refresh: bool = False
) -> tuple[LockedWheel, ...]:
    """Gives the wheel of every package that a lock asks for on a target; all are in the cache afterwards.

    The answer is remembered by the lock's lines, the target and the index settings: the same lock gets the
    same wheels for as long as the cache has them, also where it pins no hashes or is pinned by uv first.

    Args:
        lock: a requirements file. What it does not pin exactly is pinned through uv for the target.
        target: what is built for; markers are evaluated for it.
        cache: where wheels and answers are kept.
        progress: is told about index pages and downloads.
        refresh: forget earlier answers and ask the indexes again (wheels in the cache are used all the same).

    Returns:
        One wheel for each package, sorted by name.

    Raises:
        UserError: the lock is wrong, or asks for what has no wheel for the target; all such faults together.
        FailureError: an index or a download failed, or a file is not the one that was locked.
    """
    lines = read_lines(lock)
    sources = read_sources()
    key = lock_key(lines, target, sources.fingerprint())
    known = None if refresh else recall_lock(cache, key)
    if known is not None:
        return known
    from .index.search import search  # noqa: PLC0415 (packaging and httpx cost more than a whole warm build)

    found = search(lock, lines, target, cache, sources, progress=progress, refresh=refresh)
    remember_lock(cache, key, found.wheels, found.folders)
    return found.wheels
