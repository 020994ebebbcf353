"""What may go, from what is listed: no call, no clock."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from .records import LATEST, FunctionVersion, HttpApi, LayerVersion, StoredObject

# Why things stay, as they are counted for the user.
NEWEST = "among the newest"
REFERRED = "referred to by a function"
YOUNG = "younger than --min-age"

T = TypeVar("T", LayerVersion, FunctionVersion, StoredObject, HttpApi)


@dataclass(frozen=True, slots=True)
class Rules:
    """What stays, whatever else is said.

    Attributes:
        keep: how many of the newest versions.
        before: what is not older than this, in seconds since 1970, stays: a release may be about to use it.
    """

    keep: int
    before: float


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """What may go, the oldest first, and how many stay for which reason."""

    going: list[T] = field(default_factory=list)
    staying: Counter[str] = field(default_factory=Counter)

    def divide(self, versions: Iterable[T], reason: Callable[[T], str | None]) -> None:
        """Puts each version on its side.

        Args:
            versions: in the order in which they are to go.
            reason: why one stays, or None.
        """
        for version in versions:
            why = reason(version)
            if why is None:
                self.going.append(version)
            else:
                self.staying[why] += 1


def references(versions: Iterable[FunctionVersion]) -> set[int]:
    """The numbers of the layer's versions that any function version has."""
    return {number for version in versions for number in version.layers}


def layers_to_go(
    versions: Sequence[LayerVersion], referred: Collection[int], rules: Rules
) -> Choice[LayerVersion]:
    """Which versions of a layer nobody would miss.

    Args:
        versions: all that there are, in any order.
        referred: the numbers of those that function versions have.
        rules: what stays anyway.
    """
    choice: Choice[LayerVersion] = Choice()
    first_kept = _first_of_newest((version.number for version in versions), rules.keep)

    def reason(version: LayerVersion) -> str | None:
        if version.number >= first_kept:
            return NEWEST
        if version.number in referred:
            return REFERRED
        return YOUNG if version.created > rules.before else None

    choice.divide(sorted(versions, key=lambda version: version.number), reason)
    return choice


def function_versions_to_go(versions: Iterable[FunctionVersion], rules: Rules) -> Choice[FunctionVersion]:
    """Which published versions of one function are old enough to ask who holds them.

    Args:
        versions: all of that function, in any order; `$LATEST` is no version that could go.
        rules: what stays anyway.
    """
    choice: Choice[FunctionVersion] = Choice()
    published = sorted(
        (version for version in versions if version.number != LATEST), key=lambda version: version.number
    )
    first_kept = _first_of_newest((version.number for version in published), rules.keep)

    def reason(version: FunctionVersion) -> str | None:
        if version.number >= first_kept:
            return NEWEST
        return YOUNG if version.modified > rules.before else None

    choice.divide(published, reason)
    return choice


def twins(versions: Iterable[LayerVersion]) -> dict[int, int]:
    """The versions that have the same content as a newer one, and the newest that has it.

    Such a pair is left where the reply to a PublishLayerVersion was lost, and the SDK repeated it.

    Args:
        versions: of one layer. Those whose description is no digest are nobody's twins.

    Returns:
        Each such version's number and the newest one's.
    """
    newest: dict[str, int] = {}
    older: dict[int, str] = {}
    for version in sorted(versions, key=lambda version: -version.number):
        if not is_digest(version.digest):
            continue
        if version.digest in newest:
            older[version.number] = version.digest
        else:
            newest[version.digest] = version.number
    return {number: newest[digest] for number, digest in older.items()}


def is_digest(text: str) -> bool:
    """Whether a description is a content's digest: 64 hexadecimal digits."""
    return len(text) == 64 and not text.strip("0123456789abcdef")


def _first_of_newest(numbers: Iterable[int], keep: int) -> float:
    """The smallest of the `keep` largest numbers; infinite for none."""
    return min(heapq.nlargest(keep, numbers), default=float("inf"))
