"""Metadata: whether what was installed was meant for the target, and is there once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import InvalidTag, Tag, parse_tag
from packaging.utils import canonicalize_name

from ..index.tags import supported_tags
from ..wheel.names import shown
from .findings import ERROR, WARNING, Finding
from .subject import Distribution, Subject

# What the files themselves need of glibc is known better than by the name of their wheel.
_ANY_GLIBC = 99


def check_metadata(subject: Subject, told: Collection[str]) -> Iterator[Finding]:
    """Finds packages for another Python or system, and those that are there twice.

    Args:
        subject: the layer.
        told: packages whose files are known to be for another target; that explains their metadata.
    """
    tags = supported_tags(subject.target, newest_glibc=_ANY_GLIBC)
    for each in subject.distributions.values():
        yield from _python(subject, each)
        if each.name not in told:
            yield from _tags(subject, each, frozenset(tags))
    yield from _twice(subject)


def _python(subject: Subject, package: Distribution) -> Iterator[Finding]:
    try:
        wanted = SpecifierSet(package.python)
    except InvalidSpecifier:
        # pip passes over it, too.
        return
    if not wanted.contains(subject.target.python_release, prereleases=True):
        what = f"it is for Python {shown(package.python)}, and {subject.target.runtime} is asked for"
        yield Finding(ERROR, package.name, "", what, "choose a version that is for it")


def _tags(subject: Subject, package: Distribution, supported: frozenset[Tag]) -> Iterator[Finding]:
    found: set[Tag] = set()
    for line in package.tags:
        try:
            found |= parse_tag(line)
        except InvalidTag:
            return
    if not found or found & supported:
        return
    target = f"{subject.target.runtime} on {subject.target.architecture}"
    what = f"it was installed from a wheel for {', '.join(package.tags)}, and not for {target}"
    # Which Python a module was compiled for may not matter; which system does.
    platforms = {each.platform for each in found} & {each.platform for each in supported}
    yield Finding(WARNING if platforms else ERROR, package.name, "", what, "choose a wheel for the target")


def _twice(subject: Subject) -> Iterator[Finding]:
    versions: defaultdict[str, set[str]] = defaultdict(set)
    for name, version, folder in subject.dist_infos:
        if folder.rpartition("/")[0] + "/" in subject.sites:
            versions[str(canonicalize_name(name))].add(version)
    for name, found in sorted(versions.items()):
        if len(found) > 1:
            what = f"it is there in several versions ({', '.join(sorted(found))}), one over the other"
            yield Finding(WARNING, name, "", what, "install into an empty folder, and pack the layer again")
