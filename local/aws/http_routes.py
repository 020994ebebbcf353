"""Chooses the stage and the route of a request to an HTTP API.

AWS docs, "Create routes for HTTP APIs in API Gateway", "Routing API requests".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

DEFAULT = "$default"


class _Kind(IntEnum):
    """What a segment of a route's path is, the most specific first."""

    LITERAL = 0
    VARIABLE = 1
    GREEDY = 2


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """A route that takes a request.

    Attributes:
        key: such as `GET /pictures/{key}` or `$default`.
        path_parameters: the values of its path variables.
    """

    key: str
    path_parameters: Mapping[str, str]

    def source(self, method: str) -> str:
        """Gives the end of the ARN that a function's policy sees as the source.

        Args:
            method: of the request.

        Returns:
            `METHOD/path` with the route's own path, or `$default`.
        """
        return DEFAULT if self.key == DEFAULT else method + self.key.partition(" ")[2]


def choose_stage(path: str, stages: Collection[str]) -> tuple[str, str] | None:
    """Chooses the stage: the one that the path begins with, else `$default`.

    Args:
        path: of the request, with its leading slash.
        stages: the names of the API's stages.

    Returns:
        The stage's name and the path that its routes see, or None when there is no stage for it.
    """
    first, _, rest = path.removeprefix("/").partition("/")
    if first and first != DEFAULT and first in stages:
        return first, f"/{rest}"
    return (DEFAULT, path) if DEFAULT in stages else None


def choose_route(method: str, path: str, keys: Iterable[str]) -> RouteMatch | None:
    """Chooses the most specific route.

    A full match goes before one with path variables, that before one with a greedy variable, and `$default`
    comes last; of two with the same path, the one that names the method wins over ANY.

    Args:
        method: such as `GET`.
        path: as the stage's routes see it.
        keys: the keys of the routes.

    Returns:
        The route, or None when none takes the request.
    """
    found = [match for key in keys if (match := _match(key, method, path)) is not None]
    return min(found, key=_rank, default=None)


def _match(key: str, method: str, path: str) -> RouteMatch | None:
    if key == DEFAULT:
        return RouteMatch(key, {})
    wanted, _, pattern = key.partition(" ")
    if wanted not in {method, "ANY"}:
        return None
    segments, given = _segments(pattern), _segments(path)
    values: dict[str, str] = {}
    for position, segment in enumerate(segments):
        kind = _kind(segment)
        if position >= len(given) or (kind is not _Kind.LITERAL and not given[position]):
            return None
        if kind is _Kind.GREEDY:
            values[segment[1:-2]] = "/".join(given[position:])
            return RouteMatch(key, values)
        if kind is _Kind.VARIABLE:
            values[segment[1:-1]] = given[position]
        elif segment != given[position]:
            return None
    return RouteMatch(key, values) if len(segments) == len(given) else None


def _rank(match: RouteMatch) -> tuple[bool, bool, tuple[_Kind, ...], bool]:
    method, _, pattern = match.key.partition(" ")
    kinds = tuple(_kind(segment) for segment in _segments(pattern))
    return match.key == DEFAULT, _Kind.GREEDY in kinds, kinds, method == "ANY"


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").split("/")


def _kind(segment: str) -> _Kind:
    if not (segment.startswith("{") and segment.endswith("}")):
        return _Kind.LITERAL
    return _Kind.GREEDY if segment.endswith("+}") else _Kind.VARIABLE
