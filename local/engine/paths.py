"""Property paths, such as `tags["x"]`, `a.b[0].c` and `*`: read, compared, and what lies there put back.

As the real engine has them: `PropertyPath` in sdk/go/common/resource/properties_path.go of pulumi/pulumi.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from .values import SIGNATURE, Properties, is_secret, secret

Path = tuple[str | int, ...]

ANY = "*"
# A quoted name, a wildcard, an index, or a bare name; dots before it tell nothing.
_STEP = re.compile(r'\.*(?:\["((?:\\"|[^"])*+)"\]|\[(\*)\]|\[([+-]?[0-9]+)\]|([^.\[]+))')


def parse(text: str) -> Path:
    """Reads a path.

    Raises:
        ValueError: it is none.
    """
    path: list[str | int] = []
    position = 0
    while position < len(text):
        step = _STEP.match(text, position)
        if step is None or text.startswith("."):
            raise ValueError(f"not a path of properties: {text!r}")
        quoted, wildcard, index, name = step.groups()
        if quoted is not None:
            path.append(quoted.replace('\\"', '"'))
        else:
            path.append(int(index) if index else wildcard or name)
        position = step.end()
    return tuple(path)


def contains(path: Path, other: Path) -> bool:
    """Whether another path leads to the same place or to one inside; `*` stands for any name or index."""
    return len(path) <= len(other) and all(
        own in {ANY, its} for own, its in zip(path, other[: len(path)], strict=True)
    )


def with_ignored(inputs: Properties, old: Properties, ignored: Iterable[str]) -> tuple[Properties, list[str]]:
    """The wanted inputs with what lies at some paths as it was (`processIgnoreChanges` in step_generator.go).

    Args:
        inputs: as the program wants them.
        old: as they were.
        ignored: the paths; one that cannot be read is passed over.

    Returns:
        The inputs, and the paths where elements were added or removed, which no path can undo.
    """
    kept, impossible = deepcopy(inputs), []
    for text in ignored:
        try:
            path = parse(text)
        except ValueError:
            continue
        if not _reset(path, _Pair(old, kept)):
            impossible.append(text)
    return kept, impossible


@dataclass(frozen=True, slots=True)
class _Pair:
    """What was and what is wanted at one place, without the wrapping of secrets.

    Attributes:
        old: what was.
        new: what is wanted; it is changed in place.
        old_secret: whether what was lies in a secret.
        new_secret: whether what is wanted does.
    """

    old: Any
    new: Any
    old_secret: bool = False
    new_secret: bool = False

    def of(self, kind: type) -> tuple[bool, bool]:
        """Whether each is an object (`dict`) or a list."""
        return _is(self.old, kind), _is(self.new, kind)

    def inside(self, old: Any, new: Any) -> _Pair:
        """The pair at a place inside."""
        pair = replace(self, old=old, new=new)
        while is_secret(pair.old):
            pair = replace(pair, old=pair.old["value"], old_secret=True)
        while is_secret(pair.new):
            pair = replace(pair, new=pair.new["value"], new_secret=True)
        return pair

    def kept(self, key: Any) -> Any:
        """What was at a key, as a secret if it lay in one and will not."""
        value = deepcopy(self.old[key])
        return secret(value) if self.old_secret and not self.new_secret else value


def _is(value: Any, kind: type) -> bool:
    if kind is dict:
        return isinstance(value, dict) and SIGNATURE not in value
    return isinstance(value, kind)


def _reset(path: Sequence[str | int], pair: _Pair) -> bool:
    """Puts back what was; gives whether that could be done."""
    if not path:
        return False
    key, rest = path[0], path[1:]
    if key == ANY:
        return _reset_each(pair, rest) if rest else _reset_all(pair)
    return _reset_element(pair, key, rest) if isinstance(key, int) else _reset_member(pair, key, rest)


def _reset_element(pair: _Pair, index: int, rest: Sequence[str | int]) -> bool:
    if index < 0:
        return False
    lists = pair.of(list)
    if not all(lists):
        return not any(lists)
    inside = (index < len(pair.old), index < len(pair.new))
    if not all(inside):
        return not rest and not any(inside)
    if rest:
        return _reset(rest, pair.inside(pair.old[index], pair.new[index]))
    pair.new[index] = pair.kept(index)
    return True


def _reset_member(pair: _Pair, name: str, rest: Sequence[str | int]) -> bool:
    objects = pair.of(dict)
    if rest:
        if not all(objects):
            return not any(objects)
        if name not in pair.new:
            return name not in pair.old
        return _reset(rest, pair.inside(pair.old.get(name), pair.new[name]))
    if objects[0] and name in pair.old:
        if objects[1]:
            pair.new[name] = pair.kept(name)
        return objects[1]
    if objects[1]:
        pair.new.pop(name, None)
    return True


def _reset_all(pair: _Pair) -> bool:
    if _is(pair.new, dict):
        if _is(pair.old, dict):
            was = {name: pair.kept(name) for name in pair.old}
            pair.new.clear()
            pair.new.update(was)
        return True
    if not _is(pair.new, list) or not _is(pair.old, list):
        return _is(pair.new, list)
    for index in range(min(len(pair.old), len(pair.new))):
        pair.new[index] = pair.kept(index)
    return len(pair.old) == len(pair.new)


def _reset_each(pair: _Pair, rest: Sequence[str | int]) -> bool:
    old, new = pair.old, pair.new
    if all(pair.of(dict)):
        return all(name in new and _reset(rest, pair.inside(old[name], new[name])) for name in old)
    if all(pair.of(list)):
        both = zip(old, new, strict=False)
        return all(_reset(rest, pair.inside(*each)) for each in both) and len(old) == len(new)
    return False
