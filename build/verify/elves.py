"""ELF files: the machine, the versions of symbols, and the libraries that they need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..target import Target
from .findings import ERROR, WARNING, Finding
from .loading import Libraries, Missing
from .runtimes import UNCERTAIN, System, system_of
from .subject import Subject

_VERSION = re.compile(r"(GLIBC|GLIBCXX|CXXABI|GCC)_(\d+(?:\.\d+)*)")
_LIBRARIES = {"GLIBC": "glibc", "GLIBCXX": "libstdc++", "CXXABI": "libstdc++", "GCC": "libgcc_s"}
# Symbol versions that are features, and the glibc that has them (its NEWS).
_FEATURES = {"GLIBC_ABI_DT_RELR": (2, 36), "GLIBC_ABI_GNU2_TLS": (2, 42)}
# Suffixes by which the import system finds extension modules (PEP 3149, PEP 384).
_TAGGED = re.compile(r"\.(?P<tag>cpython-[^.]+|abi3|pypy[^.]*|graalpy[^.]*)\.so$")

_OLDER_WHEEL = (
    "pin a version with a wheel for an older system, choose a newer Python, or exclude the file if nothing "
    "loads it"
)


def check_elves(subject: Subject) -> Iterator[Finding]:
    """Finds ELF files that the target cannot load."""
    check = _Check(subject)
    wrong = [*check.tags(), *check.machines(), *check.others()]
    # That a package is for another machine explains all of its files.
    packages = {each.package for each in wrong if each.level == ERROR}
    yield from (each for each in wrong if each.level == ERROR or each.package not in packages)
    for path, facts in sorted(subject.elves.items()):
        yield from check.file(path, facts)
    yield from check.libraries()


def fits(path: str, target: Target) -> bool:
    """Whether the target's Python takes an extension module of this name."""
    found = _TAGGED.search(path)
    if not found:
        return path.endswith(".so")
    return found["tag"] in {"abi3", f"cpython-{target.python.replace('.', '')}-{target.machine}-linux-gnu"}


class _Check:
    """One layer's ELF files, against one runtime."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._target = subject.target
        self._system: System = system_of(subject.target)
        self._owners = subject.owners
        self._libraries = Libraries(subject, self._system.libraries)

    def file(self, path: str, facts: Mapping[str, Any]) -> Iterator[Finding]:
        """What is wrong with one file."""
        package = self._owners.get(path, "")
        if "fault" in facts:
            what = f"it is a damaged ELF file ({facts['fault']})"
            level = ERROR if self._is_tagged(path) else WARNING
            yield Finding(level, package, path, what, "build the wheel again")
        elif facts["machine"] == self._target.machine:
            yield from self._symbols(package, path, facts["versions"])

    def machines(self) -> Iterator[Finding]:
        """Files for other machines; modules whose tag says so are told by that."""
        for path, facts in sorted(self._subject.elves.items()):
            other = facts.get("machine", self._target.machine) != self._target.machine
            if other and (not _TAGGED.search(path) or fits(path, self._target)):
                yield self._other_machine(self._owners.get(path, ""), path, facts)

    def libraries(self) -> Iterator[Finding]:
        """Libraries that are not found."""
        return (_not_found(self._owners, each) for each in self._libraries.missing())

    def tags(self) -> Iterator[Finding]:
        """Extension modules of which no file fits the target's Python."""
        modules: dict[str, list[str]] = {}
        for path in sorted(self._subject.files):
            if path.endswith(".so") and path.startswith(self._subject.sites):
                folder, _, name = path.rpartition("/")
                modules.setdefault(f"{folder}/{name.partition('.')[0]}", []).append(path)
        for paths in modules.values():
            tags = [found["tag"] for path in paths if (found := _TAGGED.search(path))]
            if tags and not any(fits(path, self._target) for path in paths):
                yield Finding(
                    ERROR,
                    self._owners.get(paths[0], ""),
                    paths[0],
                    f"it is an extension module for {', '.join(tags)}, and {self._target.runtime} on "
                    f"{self._target.architecture} cannot import it",
                    "choose a wheel for the target",
                )

    def others(self) -> Iterator[Finding]:
        """Files by the names of extension modules that no Linux can load."""
        for path, facts in sorted(self._subject.elves.items()):
            if not facts.get("shared", True) and self._is_tagged(path):
                what = "it is named as an extension module, and is no shared object"
                yield Finding(ERROR, self._owners.get(path, ""), path, what, "build the wheel again")
        for path, system in sorted(self._subject.other.items()):
            package = self._owners.get(path, "")
            if self._is_tagged(path):
                what = f"it is a file for {system}" if system else "it is no ELF file"
                what += f", and {self._target.runtime} cannot import it"
                yield Finding(ERROR, package, path, what, "build the wheel again")
            elif system:
                # Some packages bring helpers for every system.
                what = f"it is a file for {system}, and Lambda's is Linux"
                yield Finding(WARNING, package, path, what, "leave it out if nothing needs it")

    def _is_tagged(self, path: str) -> bool:
        """Whether a file can be nothing but an extension module of the target's Python, by its name."""
        return bool(_TAGGED.search(path)) and fits(path, self._target)

    def _other_machine(self, package: str, path: str, facts: Mapping[str, Any]) -> Finding:
        what = f"it is for {facts['machine']}, and {self._target.architecture} is asked for"
        if facts["module"] and fits(path, self._target):
            return Finding(ERROR, package, path, what, "choose a wheel for the target")
        # Debuggers and the like bring helpers for every machine.
        return Finding(WARNING, package, path, what, "leave it out if nothing needs it")

    def _symbols(self, package: str, path: str, versions: Mapping[str, list[str]]) -> Iterator[Finding]:
        newest: dict[str, tuple[int, ...]] = {}
        copies: dict[str, str] = {}
        for library, names in versions.items():
            for version in names:
                name, needed = _parsed(version)
                # The layer may have its own copy of a library; of glibc there is one only.
                if name and (name == "GLIBC" or not self._libraries.is_own(path, library)):
                    newest[name] = max(newest.get(name, ()), needed)
                    if name != "GLIBC":
                        copies[name] = self._libraries.where(library)
        for name, needed in sorted(newest.items()):
            there = self._system.versions[name]
            if needed <= there:
                continue
            what = f"it needs {_LIBRARIES[name]} with {name}_{_dotted(needed)}"
            what += f", and {self._target.runtime} has {_dotted(there)}"
            if copies.get(name):
                # Modules often load a library themselves before they import what needs it.
                what += f"; the copy in the layer ({copies[name]}) is not what is found"
                yield Finding(WARNING, package, path, what, "make sure that it is loaded first")
            else:
                yield Finding(ERROR, package, path, what, _OLDER_WHEEL)


def _not_found(owners: Mapping[str, str], each: Missing) -> Finding:
    package = owners.get(each.file, "")
    if each.elsewhere:
        # Modules often load a library themselves before they import what needs it.
        what = f"it needs {each.library}, which is in the layer ({each.elsewhere}), where nothing looks"
        return Finding(WARNING, package, each.file, what, "make sure that it is loaded first")
    if each.library in UNCERTAIN:
        what = f"it needs {each.library}, which AWS does not promise to be there"
        return Finding(WARNING, package, each.file, what, "add a package that brings it, or try it in Lambda")
    what = f"it needs {each.library}, which neither the layer nor the runtime has"
    todo = "add a package that brings it, or exclude the file if nothing loads it"
    return Finding(ERROR, package, each.file, what, todo)


def _parsed(version: str) -> tuple[str, tuple[int, ...]]:
    if version in _FEATURES:
        return "GLIBC", _FEATURES[version]
    found = _VERSION.fullmatch(version)
    return (found[1], tuple(int(part) for part in found[2].split("."))) if found else ("", ())


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
