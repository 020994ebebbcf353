"""Slimming: what no import needs, found by name, and kept all the same where a module asks for it.

- Folders called `tests` or `test` that hold tests (`test_*.py`, `*_test.py`, `conftest.py`), unless a module
  that stays names them. `testing` stays: it is what packages offer to others' tests, and some import it.
- Stubs (`.pyi`), which type checkers read. Those beside a module that loads them (`lazy_loader.attach_stub`)
  stay, and so does a `typeshed`, the data of a type checker. `py.typed` stays; it is empty.
- Headers (`.h`, `.hh`, `.hpp`, `.hxx`, `.pxd`) and static libraries (`.a`), which compilers read.
- `__pycache__`: bytecode from the machine that packed the wheel, which carries that machine's times.

A file whose name a module in its own folder has in its text stays, for it may be read when that is imported.
dist-info folders stay as they are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from .placed import Merged, Placed
from .sources import Sources

_TESTS = {"tests", "test"}
_TEST_FILE = re.compile(r"(test_.*|.*_test|conftest)\.py")
_STUB = ".pyi"
_SUFFIXES = (_STUB, ".h", ".hh", ".hpp", ".hxx", ".pxd", ".a")
_TYPESHED = "typeshed"
_READS_STUBS = b"attach_stub"

_FROM = re.compile(rb"\bfrom\s+(\.*[\w.]*)\s+import\s+(\([^)]*\)|[^\n]*)")
_IMPORT = re.compile(rb"^[ \t]*import\s+([^\n]+)", re.MULTILINE)
_DOTTED = re.compile(rb"(?<![\w.])(?:[A-Za-z_]\w*\.)+tests?(?!\w)(?:\.tests?(?!\w))*")
_QUOTED = re.compile(rb"""["'/](tests?)["'/]""")
_WORD = re.compile(rb"[\w.]+")
# They say what is tested or built, and no import runs them.
_NO_MODULES = {"setup.py", "conftest.py", "noxfile.py"}


def slimmed(merged: Merged, sources: Sources) -> set[str]:
    """The paths that no import needs.

    Args:
        merged: the layer's files.
        sources: to look into modules.

    Raises:
        FailureError: a wheel is gone or damaged.
    """
    dist_infos = {each.owner.facts["record"].partition("/")[0] for each in merged.values()}
    paths = [path for path in merged if path.partition("/")[0] not in dist_infos]
    folders = _test_folders(paths, merged)
    files = {path for path in paths if _is_unneeded(path)}
    if not folders and not files:
        return set()
    modules = [path for path in paths if path.endswith(".py") and not _within(path, folders)]
    wanted = _Wanted(folders, files)
    while modules:
        for path in modules:
            wanted.look(path, _read(merged[path], sources))
        # What tests that stay ask for stays, too: they may be imported.
        kept = wanted.take()
        modules = [path for path in paths if path.endswith(".py") and _within(path, kept)]
    tests = {path for path in paths if _within(path, folders - wanted.folders)}
    return tests | (files - wanted.files)


def _is_unneeded(path: str) -> bool:
    parts = path.split("/")
    if path.endswith(".pyc"):
        # Beside a source that is gone, elsewhere, it may be all that there is of a module.
        return "__pycache__" in parts[:-1]
    return path.endswith(_SUFFIXES) and _TYPESHED not in parts[:-1]


def _test_folders(paths: Iterable[str], merged: Merged) -> set[str]:
    """The outermost folders of tests, without `/` at the end."""
    named: dict[str, bool] = {}
    tops: defaultdict[str, set[str]] = defaultdict(set)
    for path in paths:
        parts = path.split("/")
        tops[merged[path].owner.wheel.name].add(parts[0])
        for count, part in enumerate(parts[:-1], 1):
            if part in _TESTS:
                folder = "/".join(parts[:count])
                named[folder] = named.get(folder, False) or bool(_TEST_FILE.fullmatch(parts[-1]))
                break
    # A distribution that has nothing but tests is wanted for them.
    only = {top for found in tops.values() if len(found) == 1 for top in found}
    return {folder for folder, tested in named.items() if tested and folder not in only}


def _within(path: str, folders: set[str]) -> bool:
    return any(path[:cut] in folders for cut, character in enumerate(path) if character == "/")


def _read(placed: Placed, sources: Sources) -> bytes:
    return sources.read(placed.owner.wheel, placed.file)


class _Wanted:
    """What modules ask for: folders of tests, and files of their own folders."""

    def __init__(self, folders: set[str], files: set[str]) -> None:
        self.folders: set[str] = set()
        self.files: set[str] = set()
        self._taken: set[str] = set()
        self._candidates = {folder.replace("/", "."): folder for folder in folders}
        self._beside: defaultdict[str, list[str]] = defaultdict(list)
        for path in files:
            self._beside[path.rpartition("/")[0]].append(path)

    def take(self) -> set[str]:
        """The folders that were found to be wanted since this was last asked."""
        found = self.folders - self._taken
        self._taken |= found
        return found

    def look(self, path: str, source: bytes) -> None:
        """Looks into a module."""
        folder, _, name = path.rpartition("/")
        for each in self._beside.get(folder, ()):
            reads = each.endswith(_STUB) and _READS_STUBS in source
            if reads or each.rpartition("/")[2].encode() in source:
                self.files.add(each)
        if b"test" not in source or not self._candidates:
            return
        for dotted in _names(source, folder.replace("/", ".")):
            self._want(dotted)
        if name not in _NO_MODULES:
            for match in _QUOTED.findall(source):
                self._want(f"{folder.replace('/', '.')}.{match.decode()}".lstrip("."))

    def _want(self, dotted: str) -> None:
        """Keeps the folder of tests that is this module, or that it is in."""
        while dotted:
            if dotted in self._candidates:
                self.folders.add(self._candidates[dotted])
            dotted = dotted.rpartition(".")[0]


def _names(source: bytes, package: str) -> Iterable[str]:
    """Modules that a source names: imported, or dotted in any text."""
    for found in _DOTTED.findall(source):
        yield found.decode()
    for module, names in _FROM.findall(source):
        base = _absolute(module.decode("utf-8", "replace"), package)
        yield base
        for name in _WORD.findall(names):
            if name in {b"tests", b"test"}:
                yield f"{base}.{name.decode()}".lstrip(".")
    for names in _IMPORT.findall(source):
        for name in _WORD.findall(names):
            yield name.decode("utf-8", "replace")


def _absolute(module: str, package: str) -> str:
    plain = module.lstrip(".")
    level = len(module) - len(plain)
    if not level:
        return plain
    parts = package.split(".") if package else []
    kept = parts[: len(parts) - level + 1]
    return ".".join([*kept, plain] if plain else kept)
