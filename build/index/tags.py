"""The wheel tags that a target takes, best first, in pip's order."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.tags import Tag, compatible_tags, cpython_tags

from ..target import Target

# PEP 513, 571, 599: the names that manylinux tags had before they carried a glibc version (PEP 600).
_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}

# The oldest glibc 2.x that manylinux was ever defined for on a machine (packaging's `_manylinux.py`).
_OLDEST = {"x86_64": 5, "aarch64": 17}


def platform_tags(target: Target, *, newest_glibc: int | None = None) -> Iterator[str]:
    """Platform tags, best first: plain `linux`, then manylinux from the target's glibc downwards.

    `linux_<machine>` is what people build for themselves and serve by find-links; no public index takes it.
    It comes first, as in pip 26.3 (packaging's `tags.py`; until pip 24 it came last): who built one wants it.
    `musllinux` is for another C library than Lambda's.

    Args:
        target: whose tags.
        newest_glibc: the minor version of glibc 2 to begin with; the target's own when not given.
    """
    machine = target.machine
    newest = target.glibc[1] if newest_glibc is None else newest_glibc
    yield f"linux_{machine}"
    for minor in range(newest, _OLDEST[machine] - 1, -1):
        yield f"manylinux_2_{minor}_{machine}"
        if minor in _LEGACY:
            yield f"{_LEGACY[minor]}_{machine}"


def supported_tags(target: Target, *, newest_glibc: int | None = None) -> tuple[Tag, ...]:
    """Every tag that a wheel may have to be installed on the target, best first.

    These are what `packaging.tags.sys_tags` finds on the runtime itself; Lambda has no free-threaded Python,
    so that `cp313t` and `cp314t` are not among them. The ABI is always named: packaging would otherwise ask
    the running interpreter for its build flags.
    """
    major, minor = (int(part) for part in target.python.split("."))
    interpreter = f"cp{major}{minor}"
    platforms = list(platform_tags(target, newest_glibc=newest_glibc))
    return (
        *cpython_tags((major, minor), [interpreter], platforms),
        *compatible_tags((major, minor), interpreter, platforms),
    )
