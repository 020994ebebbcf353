"""Requirements files that pin what is asked for and not what that requires: uv adds it, as pip would."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from packaging.requirements import Requirement

from .cache import Cache
from .errors import UserError
from .lock.asked import Asked, completed
from .lock.closure import needs
from .lock.document import Document
from .lock.markers import marker_environment
from .lock.selection import LockedWheel
from .target import Target

_LOG = logging.getLogger(__name__)
_MOST_NAMED = 5


def completed_where_it_lacks(
    asked: Asked, wheels: Sequence[LockedWheel], document: Document, target: Target, cache: Cache
) -> Asked:
    """Completes a requirements file where its packages require what it does not name.

    That the runtime brings some of it (botocore, where boto3 is pinned) makes no difference: its versions are
    AWS's. Where nothing that fits can be had the file stands as it is, with a warning: its author may know
    that the rest is never imported, and verification tells what is missing.

    Args:
        asked: what the file says.
        wheels: what was chosen for its pins, in the cache.
        document: the file.
        target: what is built for.
        cache: where the wheels are.

    Returns:
        All that is to be installed; `asked` itself where nothing is missing or can be added.

    Raises:
        FailureError: uv could not do its work, for example without a network.
    """
    requires = {wheel.name: _requires(wheel, cache) for wheel in wheels}
    lacking = lacks(requires, asked.extras, target)
    if not lacking:
        return asked
    try:
        return completed(asked, document, target)
    except UserError as error:
        _LOG.warning("%s does not name %s; nothing is added: %s", document.file, _listed(lacking), error)
        return asked


def lacks(
    requires: Mapping[str, Sequence[Requirement]], extras: Mapping[str, frozenset[str]], target: Target
) -> dict[str, str]:
    """Finds what packages require and is not among them.

    Args:
        requires: name of each package to all that its metadata lists.
        extras: those that are asked for of a package.
        target: whose markers are read.

    Returns:
        Name of what is missing to the first package that requires it.
    """
    missing: dict[str, str] = {}
    for need in needs(requires, marker_environment(target), extras):
        if need.name not in requires:
            missing.setdefault(need.name, need.asking)
    return dict(sorted(missing.items()))


def _requires(wheel: LockedWheel, cache: Cache) -> list[Requirement]:
    try:
        lines = cache.facts(wheel.sha256, wheel.filename)["requires"]
    except UserError:
        return []  # A wheel that is refused is told of with all others, when the layer is planned.
    found = []
    for line in lines:
        try:
            found.append(Requirement(line))
        except (ValueError, RecursionError):
            _LOG.debug("%s has a requirement that cannot be read: %s", wheel.filename, line)
    return found


def _listed(lacking: Mapping[str, str]) -> str:
    named = [f"{name} (which {asking} requires)" for name, asking in lacking.items()]
    more = len(named) - _MOST_NAMED
    return ", ".join(named[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
