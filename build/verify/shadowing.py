"""Shadowing: modules of a layer that take the place of the standard library's."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from ..target import Target
from .findings import WARNING, Finding
from .modules import modules_of
from .subject import Subject

# What a Python had last before the one named here ("What's New In Python", 3.12 and 3.13, "Removed").
_GONE = {
    (3, 12): {"asynchat", "asyncore", "distutils", "imp", "smtpd"},
    (3, 13): {
        *("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "lib2to3", "mailcap", "msilib"),
        *("nis", "nntplib", "ossaudiodev", "pipes", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib"),
    },
}
# What a Python was the first to have (the same, 3.11 and 3.14, "New Modules").
_NEW = {
    (3, 11): {"tomllib"},
    (3, 14): {"annotationlib", "compression"},
}


def check_shadowing(subject: Subject) -> Iterator[Finding]:
    """Finds top-level modules that Python takes for its own.

    In Lambda a layer comes before the standard library on `sys.path` ("Working with layers for Python Lambda
    functions"); in `site-packages`, after it. Backports that do no harm there can break the runtime here.
    """
    there = modules_of(subject) & standard_library(subject.target)
    for name in sorted(there):
        what = f"its module {name} takes the place of the standard library's: in Lambda a layer comes first"
        begin = tuple(f"{site}{name}{end}" for site in subject.sites for end in ("/", "."))
        owners = {each for path, each in subject.owners.items() if path.startswith(begin)}
        for package in sorted(owners or {""}):
            yield Finding(WARNING, package, "", what, "leave it out: the target's Python has it")


def standard_library(target: Target) -> frozenset[str]:
    """The top-level modules of a target's Python, as far as the running one and the tables know them."""
    version = tuple(int(part) for part in target.python.split("."))
    found = set(sys.stdlib_module_names)
    for since, names in _NEW.items():
        found = found | names if version >= since else found - names
    for since, names in _GONE.items():
        found = found - names if version >= since else found | names
    return frozenset(found)
