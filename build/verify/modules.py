"""Modules: those that the user names, and those that every distribution brings."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from itertools import takewhile

from .elves import fits
from .findings import ERROR, WARNING, Finding
from .runtimes import MODULES
from .subject import Subject

_SUFFIXES = (".py", ".pyc", ".so")


def check_modules(subject: Subject, required: Iterable[str]) -> Iterator[Finding]:
    """Finds modules that cannot be imported because they are not there.

    Args:
        subject: the layer.
        required: dotted names.
    """
    known = modules_of(subject)
    for name in missing_of(required, known):
        if name.partition(".")[0] in MODULES:
            what = f"{name} comes from the runtime, in a version that AWS changes without notice"
            yield Finding(WARNING, "", "", what, "add its package to the lock")
            continue
        candidates = known if "." in name else [each for each in known if "." not in each]
        near = difflib.get_close_matches(name, sorted(candidates), n=1)
        hint = f"did you mean {near[0]}?" if near else "add the package that has it to the lock"
        yield Finding(ERROR, "", "", f"there is no module {name} in the layer", hint)
    # A module for another Python is there, and is told of as such.
    there = modules_of(subject, fitting=False)
    for each in subject.distributions.values():
        missing = sorted(name for name in each.tops if name not in there)
        if missing:
            named = ", ".join(missing)
            what = f"nothing of {named} is in the layer, which its RECORD lists"
            if subject.was_removed:
                yield Finding(WARNING, each.name, "", what, "see what is excluded")
            else:
                yield Finding(ERROR, each.name, "", what, "install it again, or drop it from the lock")


def missing_of(required: Iterable[str], known: set[str]) -> list[str]:
    """The required names that are not known, each once."""
    return sorted(name for name in set(required) if name not in known)


def modules_of(subject: Subject, *, fitting: bool = True) -> set[str]:
    """The dotted names of the modules and packages of a layer, as the target's Python finds them.

    Args:
        subject: the layer.
        fitting: whether extension modules for another Python are left out.
    """
    found: set[str] = set()
    for path in subject.files:
        site = max((site for site in subject.sites if path.startswith(site)), key=len, default=None)
        if site is None or not path.endswith(_SUFFIXES) or "/__pycache__/" in path:
            continue
        if fitting and path.endswith(".so") and not fits(path, subject.target):
            # Its folders can be imported all the same.
            path = path.rpartition("/")[0] + "/"  # noqa: PLW2901
        *folders, last = path.removeprefix(site).split("/")
        stem = last.partition(".")[0]
        parts = folders if stem == "__init__" else [*folders, stem]
        # A folder without `__init__.py` is a namespace package (PEP 420), whatever is in it.
        parts = list(takewhile(str.isidentifier, parts))
        found.update(".".join(parts[: length + 1]) for length in range(len(parts)))
    return found
