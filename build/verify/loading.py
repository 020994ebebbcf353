"""Loading: what the dynamic linker finds of the libraries that a layer's ELF files need."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .links import ROOT, resolved
from .subject import Subject

# Lambda's LD_LIBRARY_PATH ends with it, and begins with the system's folders ("Defined runtime environment
# variables", AWS Lambda Developer Guide): a layer's copy of a library of the runtime is not found by it.
_SEARCHED = ("lib/",)


class Missing(NamedTuple):
    """A library that is not found.

    Attributes:
        file: the path of the ELF file that needs it.
        library: its name, as `DT_NEEDED` has it.
        elsewhere: where in the layer it lies, though nobody looks there; an empty string where it is not.
    """

    file: str
    library: str
    elsewhere: str


class Libraries:
    """The ELF files of a layer for the target's machine, and who loads whom (ld.so(8))."""

    def __init__(self, subject: Subject, brought: frozenset[str]) -> None:
        """Takes the layer, and the libraries that the runtime brings."""
        self._brought = brought
        self._elves = {
            path: facts
            for path, facts in sorted(subject.elves.items())
            if facts.get("machine") == subject.target.machine
        }
        self._links = subject.links
        self._by_name: dict[str, str] = {}
        for path, facts in self._elves.items():
            for name in {posixpath.basename(path), facts["soname"]} - {""}:
                self._by_name.setdefault(name, path)
        self._reached: set[str] = set()
        self._missing: dict[Missing, None] = {}
        self._own: set[tuple[str, str]] = set()
        self._look()

    def where(self, library: str) -> str:
        """Where in the layer a library lies, by its file's name or its soname; else an empty string."""
        return self._by_name.get(library, "")

    def is_own(self, path: str, library: str) -> bool:
        """Whether what a file gets for a library's name is the layer's copy."""
        return (path, library) in self._own

    def missing(self) -> Iterator[Missing]:
        """What is not found, each once."""
        yield from self._missing

    def _look(self) -> None:
        """Loads everything.

        Modules are what is loaded first. A library that none of them loads is taken as one that is loaded by
        its path, as `ctypes` does.
        """
        wanted = {name for facts in self._elves.values() for name in facts["needed"]}
        modules = [path for path in self._elves if not wanted & self._names(path)]
        for path in [*modules, *self._elves]:
            if path not in self._reached:
                self._load(path)

    def _names(self, path: str) -> set[str]:
        return {posixpath.basename(path), str(self._elves[path]["soname"])} - {""}

    def _load(self, first: str) -> None:
        """Loads one file and what it needs, breadth first as the dynamic linker does."""
        inherited: dict[str, tuple[str, ...]] = {first: ()}
        names = set(self._names(first))
        waiting = [first]
        for path in waiting:
            facts = self._elves[path]
            rpath = (*_folders(facts["rpath"], path), *inherited[path])
            # DT_RPATH counts for what is loaded in turn, but not for a file that has DT_RUNPATH.
            runpath = _folders(facts["runpath"], path)
            early, late = ((), (*_SEARCHED, *runpath)) if facts["runpath"] else (rpath, _SEARCHED)
            for library in facts["needed"]:
                there = "" if library in names else self._found(library, early, late)
                if there is None:
                    self._missing[Missing(path, library, self.where(library))] = None
                elif there and there not in inherited:
                    inherited[there] = rpath
                    waiting.append(there)
                    names |= {library, *self._names(there)}
                if library in names:
                    self._own.add((path, library))
        self._reached |= inherited.keys()

    def _found(self, library: str, early: Sequence[str], late: Sequence[str]) -> str | None:
        """The file that a library's name leads to; an empty string for the runtime's, None for none.

        Args:
            library: its name.
            early: the folders that come before those of the runtime.
            late: those that come after them.
        """
        for folders in (early, () if library in self._brought else late):
            for folder in folders:
                place = resolved(folder + library, self._links)
                if place in self._elves:
                    return place
        return "" if library in self._brought else None


def _folders(entries: Sequence[str], path: str) -> tuple[str, ...]:
    return tuple(folder for each in entries if (folder := _folder(each, path)) is not None)


def _folder(entry: str, path: str) -> str | None:
    """A folder of a run path, as a path in the layer; None where it is elsewhere."""
    origin = posixpath.dirname(ROOT + path)
    place = posixpath.normpath(entry.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", origin)) + "/"
    return place.removeprefix(ROOT) if place.startswith(ROOT) else None
