"""Modules: those that the user names, and those that every distribution brings."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from .elves import fits
from .findings import ERROR, WARNING, Finding
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
        candidates = known if "." in name else [each for each in known if "." not in each]
        near = difflib.get_close_matches(name, sorted(candidates), n=1)
        hint = f"did you mean {near[0]}?" if near else "add the package that has it to the lock"
        yield Finding(ERROR, "", "", f"there is no module {name} in the layer", hint)
    for each in subject.distributions.values():
        missing = sorted(name for name in each.tops if name not in known)
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


def modules_of(subject: Subject) -> set[str]:
    """The dotted names of the modules and packages of a layer, as the target's Python finds them."""
    found: set[str] = set()
    for path in subject.files:
        site = max((site for site in subject.sites if path.startswith(site)), key=len, default=None)
        if site is None or not path.endswith(_SUFFIXES) or "/__pycache__/" in path:
            continue
        if path.endswith(".so") and not fits(path, subject.target):
            continue
        *folders, last = path.removeprefix(site).split("/")
        stem = last.partition(".")[0]
        parts = folders if stem == "__init__" else [*folders, stem]
        if parts and all(part.isidentifier() for part in parts):
            # A folder without `__init__.py` is a namespace package (PEP 420).
            found.update(".".join(parts[: length + 1]) for length in range(len(parts)))
    return found
