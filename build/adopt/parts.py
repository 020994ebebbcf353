"""Which function of a state is which of the program's: by what calls it, its handler and its name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .matcher import option
from .program import FUNCTIONS
from .references import called, name_of, refers
from .state import Found

# What calls a function says most, then its handler, then its name.
_CALLED, _HANDLER, _NAME = 4, 2, 1
_CALLERS = {
    "aws_apigatewayv2_integration": "api",
    "aws_lambda_event_source_mapping": "worker",
    "aws_cloudwatch_event_target": "cleanup",
}
_WORDS = {
    "api": {"api", "http", "rest", "web"},
    "worker": {"worker", "work", "consumer", "queue", "processor"},
    "cleanup": {"cleanup", "clean", "cleaner", "cron", "janitor", "purge", "scheduled"},
}


@dataclass(frozen=True, slots=True)
class Parts:
    """The functions by their part in the program, and what could not be decided, one sentence each."""

    functions: Mapping[str, Found]
    doubts: tuple[str, ...]


def parts(found: Sequence[Found], given: Mapping[str, Found]) -> Parts:
    """Gives each function its part, as far as there is one answer.

    A function takes a part that no other fits as well and that it fits better than any other part; then the
    same is asked of those that are left.

    Args:
        found: the state's resources.
        given: the parts that somebody said.
    """
    taken = dict(given)
    functions = [each for each in found if each.type == "aws_lambda_function" and not each.deposed]
    scores = {(part, each.address): score(part, each, found) for part in FUNCTIONS for each in functions}
    while True:
        free = [each for each in functions if each not in taken.values()]
        open_parts = [part for part in FUNCTIONS if part not in taken]
        chosen = next(
            ((part, best) for part in open_parts if (best := _clear(part, free, open_parts, scores))), None
        )
        if chosen is None:
            return Parts(taken, tuple(_doubts(free, open_parts, scores)))
        taken[chosen[0]] = chosen[1]


def score(part: str, function: Found, found: Sequence[Found]) -> int:
    """How well a function fits a part; 0 where nothing speaks for it."""
    callers = {_CALLERS[each.type] for each in found if refers(called(each), function)}
    # The handler's own name is `handler` or `main` as a rule: its module tells more.
    module = function.text("handler").rpartition(".")[0]
    return (
        _CALLED * (part in callers)
        + _HANDLER * bool(_WORDS[part] & _words(module))
        + _NAME * bool(_WORDS[part] & _words(name_of(function)))
    )


def _words(text: str) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", text.lower()))


def _clear(
    part: str, free: Sequence[Found], open_parts: Sequence[str], scores: Mapping[tuple[str, str], int]
) -> Found | None:
    best = max((scores[part, each.address] for each in free), default=0)
    fitting = [each for each in free if best and scores[part, each.address] == best]
    if len(fitting) != 1:
        return None
    others = (scores[other, fitting[0].address] for other in open_parts if other != part)
    return fitting[0] if best > max(others, default=0) else None


def _doubts(
    free: Sequence[Found], open_parts: Sequence[str], scores: Mapping[tuple[str, str], int]
) -> list[str]:
    doubts = []
    for part in open_parts:
        could = [each for each in free if scores[part, each.address]]
        if could:
            names = " or ".join(each.address for each in could)
            doubts.append(
                f"which function is the {part} cannot be told: it could be {names}; say it with "
                f"{option(could[0], f'PythonFunction/Function/{part}')}"
            )
    return doubts
