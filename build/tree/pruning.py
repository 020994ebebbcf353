"""Pruning: what the user has left out of a layer, and the account of it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..errors import UserError
from ..wheel.facts import files_of
from .layout import SITE
from .placed import ReadWheel

# A name may look like a path (`six.py`), but not the other way around.
_PATTERN = re.compile(r"[/*?\[]")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_NEAR = 3


class Removed(NamedTuple):
    """What is not in the layer though a wheel has it.

    Attributes:
        path: in the layer; with `/` at its end, a folder of which nothing is left.
        package: whose it is.
        size: in bytes, of all of it.
        files: how many it is.
    """

    path: str
    package: str
    size: int
    files: int


def pruned(wheels: Sequence[ReadWheel], exclude: Iterable[str]) -> tuple[list[ReadWheel], set[str]]:
    """Leaves out packages and files.

    Args:
        wheels: of the lock.
        exclude: names of packages, and patterns over the paths of the other packages' files as `.gitignore`
            has them. A dist-info's files always stay: importlib.metadata reads them.

    Returns:
        The wheels that stay, and the paths of their files that do not.

    Raises:
        UserError: a name is not in the lock, a pattern matches nothing, or it is neither; all such at once.
    """
    given = sorted(set(exclude))
    names = [each for each in given if not _PATTERN.search(each)]
    known = {read.wheel.name for read in wheels}
    faults = [_unknown(each, known) for each in names if _normalised(each) not in known]
    dropped = {_normalised(each) for each in names}
    kept = [read for read in wheels if read.wheel.name not in dropped]
    patterns = [each for each in given if _PATTERN.search(each)]
    found, more = _matched(kept, patterns) if patterns else (set(), [])
    if faults or more:
        raise UserError(*faults, *more)
    return kept, found


def _matched(wheels: Sequence[ReadWheel], patterns: Iterable[str]) -> tuple[set[str], list[str]]:
    """The paths that patterns leave out, and what is wrong with patterns."""
    paths = {file.path for read in wheels for file in files_of(read.facts)}
    infos = {read.facts["record"].partition("/")[0] for read in wheels}
    found: set[str] = set()
    faults: list[str] = []
    for pattern in patterns:
        try:
            matches = set(_matching(pattern, paths))
        except ValueError as error:
            faults.append(f"exclude {pattern}: {error}")
            continue
        kept = {path for path in matches if path.partition("/")[0] in infos}
        if not matches:
            faults.append(f"exclude {pattern}: matches no file of the layer{_near(pattern, paths)}")
        elif matches == kept:
            faults.append(
                f"exclude {pattern}: matches only files of dist-info folders, which stay because "
                "importlib.metadata reads them"
            )
        found |= matches - kept
    return found, faults


def account(wheels: Sequence[ReadWheel], left: Iterable[str]) -> list[Removed]:
    """Says what of the wheels' files is not in a layer.

    Args:
        wheels: all of the lock.
        left: the paths below `python/` that are in the layer.

    Returns:
        Sorted by path and package; a folder of which nothing is left is one entry for each package.
    """
    there = set(left)
    inhabited = {folder for path in there for folder in _folders(path)}
    sizes: Counter[tuple[str, str]] = Counter()
    counts: Counter[tuple[str, str]] = Counter()
    for read in wheels:
        own = {file.path: file.size for file in files_of(read.facts)}
        own.setdefault(read.facts["record"], len(read.facts["record_text"].encode()))
        for path, size in own.items():
            if path not in there:
                place = (_top(path, inhabited), read.wheel.name)
                sizes[place] += size
                counts[place] += 1
    return sorted(
        Removed(SITE + path, package, sizes[path, package], counts[path, package]) for path, package in counts
    )


def _top(path: str, inhabited: set[str]) -> str:
    """The topmost folder of a path that has nothing left, or the path itself."""
    for folder in reversed(_folders(path)):
        if folder not in inhabited:
            return folder
    return path


def _folders(path: str) -> list[str]:
    """The folders of a path with their `/`, the nearest first."""
    found = []
    while (cut := path.rfind("/")) > 0:
        path = path[:cut]
        found.append(path + "/")
    return found


def _matching(pattern: str, paths: Iterable[str]) -> Iterable[str]:
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415 (only where one is given)

    compiled = GitIgnoreSpecPattern(pattern)
    if compiled.regex is None or not compiled.include:
        raise ValueError("this is no pattern of paths to leave out; write one such as **/tests/** or /six.py")
    return [path for path in paths if compiled.match_file(path)]


def _normalised(name: str) -> str:
    # PEP 503: a project's many spellings have one normalised name.
    return re.sub(r"[-_.]+", "-", name).lower()


def _unknown(name: str, known: Iterable[str]) -> str:
    if not _NAME.fullmatch(name):
        return f"exclude {name!r}: this is neither a package's name nor a pattern with a / or a *"
    near = _listed(_closest(_normalised(name), known))
    return f"exclude {name}: no package of the lock has this name{near}; for files, write a pattern: /{name}"


def _near(pattern: str, paths: Iterable[str]) -> str:
    plain = pattern.strip("*/")
    places = {place for path in paths for place in (path, *_folders(path))}
    found = _closest(plain, {each.rstrip("/") for each in places})
    if not found:
        # The last part alone, wherever it is: `nunpy/tests` for `numpy/tests`.
        last = plain.rpartition("/")[2]
        by_name: defaultdict[str, list[str]] = defaultdict(list)
        for each in sorted(places):
            by_name[each.rstrip("/").rpartition("/")[2]].append(each)
        found = [by_name[name][0] for name in _closest(last, by_name)]
    return _listed(found)


def _closest(word: str, known: Iterable[str]) -> list[str]:
    import difflib  # noqa: PLC0415 (only for the error)

    return difflib.get_close_matches(word, sorted(known), _NEAR)


def _listed(near: Sequence[str]) -> str:
    return f" (is it {' or '.join(near)}?)" if near else ""
