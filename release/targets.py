"""Where a rollback goes: what was live before, or what was asked for, as far as it is still there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .cloud import Cloud, LiveFunction
from .errors import ReleaseError, UserError
from .ledger import Ledger, Versions, before, parse_set, set_name


@dataclass(frozen=True, slots=True)
class Target:
    """Where a rollback goes.

    Attributes:
        versions: by function.
        why: in words, such as `the release before`.
        skipped: what would have been nearer, and why it cannot be.
    """

    versions: Versions
    why: str
    skipped: tuple[str, ...] = ()


def rollback_target(
    cloud: Cloud, functions: Sequence[LiveFunction], function: str | None, to: str | None
) -> Target:
    """Decides where a rollback goes.

    Args:
        cloud: which says what is in the ledger, and which versions there still are.
        functions: what is live now.
        function: the only one to move; None moves all.
        to: a version of that function, or a set such as `api=5,worker=5`; None goes to what was live before.

    Raises:
        UserError: what was asked for is not in the ledger, or there is no such function.
        ReleaseError: there is nothing to go back to.
    """
    ledger = cloud.ledger(functions[0].bucket)
    live = {each.name: each.version for each in functions}
    if function is not None and function not in live:
        raise UserError(f"there is no function {function}; there are {', '.join(live)}")
    if to is not None:
        return _asked_for(cloud, functions, ledger, _wanted(to, function, live))
    ended = sorted(each.name for each in functions if each.weights and function in (None, each.name))
    if ended:
        only = {name: version for name, version in live.items() if function in (None, name)}
        return Target(only, f"the canary of {', '.join(ended)} ends")
    if function is not None:
        older = sorted((v for v in ledger.versions.get(function, ()) if v < live[function]), reverse=True)
        return _nearest(cloud, functions, [{function: version} for version in older])
    return _nearest(cloud, functions, before(live, ledger))


def missing(cloud: Cloud, functions: Iterable[LiveFunction], versions: Versions) -> list[str]:
    """Which of these versions are no longer there, such as `api 4`."""
    return [
        f"{each.name} {versions[each.name]}"
        for each in functions
        if each.name in versions
        and versions[each.name] != each.version
        and not cloud.exists(each.full_name, versions[each.name])
    ]


def _nearest(cloud: Cloud, functions: Sequence[LiveFunction], candidates: Iterable[Versions]) -> Target:
    skipped: list[str] = []
    for versions in candidates:
        gone = missing(cloud, functions, versions)
        if not gone:
            return Target(versions, "the release before", tuple(skipped))
        skipped.append(f"{set_name(versions)} is skipped: {', '.join(gone)} no longer exists")
    told = "; ".join(["nothing older than what is live is in the ledger and still there", *skipped])
    raise ReleaseError(f"{told}; `python -m release history` shows what there is")


def _asked_for(cloud: Cloud, functions: Sequence[LiveFunction], ledger: Ledger, versions: Versions) -> Target:
    faults = [
        f"{name} {version} is not in the ledger, which has {_listed(ledger.versions.get(name, ()))}"
        for name, version in versions.items()
        if version not in ledger.versions.get(name, ())
    ]
    faults += [f"{each} no longer exists" for each in missing(cloud, functions, versions)]
    if faults:
        raise UserError("; ".join(faults))
    return Target(versions, "as asked for")


def _wanted(to: str, function: str | None, live: Versions) -> Versions:
    versions = {function: int(to)} if function and to.isdecimal() and to.isascii() else parse_set(to)
    if versions is None or (function is not None and set(versions) != {function}):
        raise UserError(
            f"--to {to} names no release: it is a set such as {set_name(live)}, "
            "or, with --function, a version"
        )
    unknown = sorted(set(versions) - set(live))
    if unknown:
        raise UserError(f"there is no function {', '.join(unknown)}; there are {', '.join(live)}")
    return versions


def _listed(versions: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(versions))) or "none"
