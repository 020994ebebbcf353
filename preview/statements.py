"""Statements of policies, and whether one says all that another says."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .values import HIDDEN, NOT_KNOWN, has_secret, presentable, shown

_LONGEST = 300
# The parts of a statement, each of which `Not` may stand before.
_ACTION, _PRINCIPAL, _RESOURCE = "Action", "Principal", "Resource"
_EVERYTHING = frozenset({"*", "AWS:*"})


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a policy, each part a sorted list of texts.

    Attributes:
        effect: `Allow` or `Deny`.
        actions: such as `s3:GetObject`.
        resources: ARNs; empty where the policy is about the one resource that it is attached to.
        principals: whom, such as `AWS:*`; empty where it is whoever the policy is attached to.
        condition: as JSON text; empty where there is none.
        inverted: the parts that speak of all but what they name: `Action`, `Principal`, `Resource`.
    """

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...]
    condition: str
    inverted: tuple[str, ...] = ()

    def __str__(self) -> str:
        whom = [f"to {self._listed(_PRINCIPAL, self.principals)}"] if self.principals else []
        what = [f"on {self._listed(_RESOURCE, self.resources)}"] if self.resources else []
        when = [f"if {self.condition}"] if self.condition else []
        return " ".join([self.effect, self._listed(_ACTION, self.actions), *whom, *what, *when])

    @property
    def is_broad(self) -> bool:
        """Whether it allows everything of a service, or anybody something."""
        if self.effect != "Allow":
            return False
        anybody = not self.condition and any(each.endswith(":*") for each in self.principals)
        whole = any(each == "*" or each.endswith(":*") for each in self.actions)
        return bool(self.inverted) or anybody or whole

    def _listed(self, part: str, texts: Sequence[str]) -> str:
        return f"{'all but ' if part in self.inverted else ''}{', '.join(texts)}"


def statements_of(policy: Any) -> tuple[Statement, ...]:
    """The statements of a policy.

    Args:
        policy: JSON text or a mapping, or a list of `{"name": …, "policy": …}` as a role has them.

    Returns:
        None of a policy that is secret, or is no policy.
    """
    if has_secret(policy):
        return ()
    if isinstance(policy, list):
        inner = [each.get("policy") for each in policy if isinstance(each, Mapping)]
        return tuple(found for each in inner if not isinstance(each, list) for found in statements_of(each))
    if isinstance(policy, str):
        try:
            policy = json.loads(policy)
        except (ValueError, RecursionError):
            return ()
    found = policy.get("Statement") if isinstance(policy, Mapping) else None
    listed = found if isinstance(found, list) else [found]
    return tuple(_statement(each) for each in listed if isinstance(each, Mapping))


def covers(wide: Statement, narrow: Statement) -> bool:
    """Whether all that one statement says is said by another of the same effect."""
    if wide.effect != narrow.effect or (wide.condition and wide.condition != narrow.condition):
        return False
    return all(map(_is_part_within, _parts(narrow), _parts(wide)))


def matches(text: str, pattern: str) -> bool:
    """Whether all that a text stands for, itself a pattern or not, is what another pattern stands for.

    IAM's patterns know `*` and `?` alone, and `?` is one character, which a `*` need not be.
    """
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[!*]"))


def shown_statement(each: Statement) -> str:
    """A statement as a sentence of bounded length; its condition may be long."""
    text = str(each)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def texts_of(found: Any) -> tuple[str, ...]:
    """A text, or a list's, sorted; what is secret or not known yet by the words for it."""
    if isinstance(found, list):
        return tuple(sorted({each if isinstance(each, str) else shown(presentable(each)) for each in found}))
    if found is HIDDEN or found is NOT_KNOWN:
        return (repr(found),)
    return (found,) if isinstance(found, str) else ()


def _statement(found: Mapping[str, Any]) -> Statement:
    inverted = tuple(part for part in (_ACTION, _PRINCIPAL, _RESOURCE) if f"Not{part}" in found)
    condition = found.get("Condition")
    return Statement(
        effect=str(found.get("Effect")),
        actions=texts_of(found.get(_ACTION, found.get(f"Not{_ACTION}"))),
        resources=texts_of(found.get(_RESOURCE, found.get(f"Not{_RESOURCE}"))),
        principals=_principals(found.get(_PRINCIPAL, found.get(f"Not{_PRINCIPAL}"))),
        condition=json.dumps(presentable(condition), sort_keys=True, default=repr) if condition else "",
        inverted=inverted,
    )


def _principals(found: Any) -> tuple[str, ...]:
    if isinstance(found, Mapping):
        return tuple(sorted(f"{kind}:{each}" for kind, value in found.items() for each in texts_of(value)))
    return tuple(f"AWS:{each}" for each in texts_of(found))


class _Part(NamedTuple):
    texts: tuple[str, ...]
    inverted: bool


def _parts(statement: Statement) -> list[_Part]:
    # Actions are the same in upper and lower case, all else is not.
    texts = {
        _ACTION: tuple(each.casefold() for each in statement.actions),
        _RESOURCE: statement.resources,
        _PRINCIPAL: statement.principals,
    }
    return [_Part(each, name in statement.inverted) for name, each in texts.items()]


def _is_part_within(narrow: _Part, wide: _Part) -> bool:
    """Whether one part of a statement is within another's; of all but something, the less is the more."""
    if narrow.inverted and wide.inverted:
        return _within(wide.texts, narrow.texts)
    if narrow.inverted or wide.inverted:
        return not wide.inverted and not _EVERYTHING.isdisjoint(wide.texts)
    return _within(narrow.texts, wide.texts)


def _within(narrow: Sequence[str], wide: Sequence[str]) -> bool:
    """Whether each of the narrow patterns is matched by one of the wide; none of both are the same."""
    if not wide or not narrow:
        return not wide and not narrow
    return all(any(matches(each, pattern) for pattern in wide) for each in narrow)
