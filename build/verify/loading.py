"""Loading: what the dynamic linker finds of the libraries that a layer's ELF files need."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .subject import Subject

# The folder of a layer in Lambda.
_ROOT = "/opt/"
# Lambda's LD_LIBRARY_PATH has it ("Defined runtime environment variables", AWS Lambda Developer Guide).
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
        self._by_name: dict[str, str] = {}
        for path, facts in self._elves.items():
            for name in {posixpath.basename(path), facts["soname"]} - {""}:
                self._by_name.setdefault(name, path)

    def where(self, library: str) -> str:
        """Where in the layer a library lies, by its file's name or its soname; else an empty string."""
        return self._by_name.get(library, "")

    def missing(self) -> Iterator[Missing]:
        """What is not found, each once.

        Modules are what is loaded first. A library that none of them loads is taken as one that is loaded by
        its path, as `ctypes` does.
        """
        wanted = {name for facts in self._elves.values() for name in facts["needed"]}
        modules = [path for path in self._elves if not wanted & self._names(path)]
        reached: set[str] = set()
        told: set[Missing] = set()
        for path in [*modules, *self._elves]:
            if path not in reached:
                found, missing = self._loaded(path)
                reached |= found
                yield from missing - told
                told |= missing

    def _names(self, path: str) -> set[str]:
        return {posixpath.basename(path), str(self._elves[path]["soname"])} - {""}

    def _loaded(self, first: str) -> tuple[set[str], set[Missing]]:
        """What is loaded with one file, breadth first as the dynamic linker does, and what is not found."""
        inherited: dict[str, tuple[str, ...]] = {first: ()}
        names = set(self._names(first))
        missing = set()
        waiting = [first]
        for path in waiting:
            facts = self._elves[path]
            rpath = (*_folders(facts["rpath"], path), *inherited[path])
            # DT_RPATH counts for what is loaded in turn, but not for a file that has DT_RUNPATH.
            folders = (
                (*_SEARCHED, *_folders(facts["runpath"], path)) if facts["runpath"] else (*rpath, *_SEARCHED)
            )
            for library in facts["needed"]:
                if library in names or library in self._brought:
                    continue
                there = next((place for each in folders if (place := each + library) in self._elves), None)
                if there is None:
                    missing.add(Missing(path, library, self.where(library)))
                elif there not in inherited:
                    inherited[there] = rpath
                    waiting.append(there)
                    names |= {library, *self._names(there)}
        return set(inherited), missing


def _folders(entries: Sequence[str], path: str) -> tuple[str, ...]:
    return tuple(folder for each in entries if (folder := _folder(each, path)) is not None)


def _folder(entry: str, path: str) -> str | None:
    """A folder of a run path, as a path in the layer; None where it is elsewhere."""
    origin = posixpath.dirname(_ROOT + path)
    place = posixpath.normpath(entry.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", origin)) + "/"
    return place.removeprefix(_ROOT) if place.startswith(_ROOT) else None
