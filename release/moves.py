"""Moves of `live` aliases: all that can be done are done, and it is known which were not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .cloud import Cloud, LiveFunction
from .errors import ReleaseError


@dataclass(frozen=True, slots=True)
class Move:
    """All traffic of one function goes to one version.

    Attributes:
        function: as it is now.
        to: the version.
    """

    function: LiveFunction
    to: int

    @property
    def needed(self) -> bool:
        """Whether not all traffic goes there already."""
        return self.function.version != self.to or bool(self.function.weights)

    def __str__(self) -> str:
        """Such as `api: 5 → 4`, with the weights that end."""
        shares = "".join(f" and {weight:.0%} {version}" for version, weight in self.function.weights.items())
        return f"{self.function.name}: {self.function.version}{shares} → {self.to}"


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of some moves.

    Attributes:
        done: those that AWS took.
        failed: the names of the functions that stayed, and why.
    """

    done: tuple[Move, ...]
    failed: Mapping[str, str]


def carry_out(cloud: Cloud, moves: Sequence[Move]) -> Moved:
    """Makes all moves that are needed; one that fails does not keep the others back.

    Args:
        cloud: where.
        moves: in the order in which they are made.
    """
    done: list[Move] = []
    failed: dict[str, str] = {}
    for move in moves:
        if not move.needed:
            continue
        try:
            cloud.move(move.function.full_name, move.to)
        except ReleaseError as error:
            failed[move.function.name] = str(error)
        except KeyboardInterrupt:
            failed[move.function.name] = "interrupted"
            failed |= {each.function.name: "interrupted" for each in moves[moves.index(move) + 1 :]}
            break
        else:
            done.append(move)
    return Moved(tuple(done), failed)
