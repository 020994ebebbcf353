"""All checks of a layer, and the verdict that follows from what they find."""

from __future__ import annotations

from ..cache import Cache
from .archive import check_archive
from .closure import check_closure
from .elves import check_elves
from .findings import ERROR
from .metadata import check_metadata
from .modules import check_modules, missing_of, modules_of
from .probe import probe
from .pth import check_pth
from .shadowing import check_shadowing
from .sizes import check_sizes, largest
from .subject import Subject
from .verdict import Verdict, Wanted, in_order


def verdict_of(subject: Subject, cache: Cache, wanted: Wanted) -> Verdict:
    """Checks a layer.

    Args:
        subject: the layer.
        cache: where it is kept which interpreters there are.
        wanted: what it is looked at for.

    Raises:
        FailureError: the zip cannot be unpacked to be tried.
    """
    lacking = missing_of(wanted.require, modules_of(subject))
    there = [name for name in wanted.require if name not in lacking]
    elves = [*check_elves(subject)]
    found = [
        *(check_archive(subject) if subject.foreign else ()),
        *elves,
        *check_metadata(subject, {each.package for each in elves if each.level == ERROR}),
        *check_closure(subject),
        *check_modules(subject, wanted.require),
        *check_shadowing(subject),
        *check_pth(subject),
        *check_sizes(subject, wanted.beside, wanted.layers),
        *probe(subject, there, cache),
    ]
    return Verdict(in_order(found), largest(subject))
