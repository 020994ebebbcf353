"""What else makes a difference to a layer's content, beside its wheels and its target."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import UserError
from ..target import Target

if TYPE_CHECKING:
    # Neither is needed where no bytecode is asked for.
    from ..cache import Cache
    from ..interpreters import Interpreter

# Counts up whenever the same options could leave out other files, or give other bytecode.
FORMAT = 1


class LayerOptions(NamedTuple):
    """What else makes a difference to the content; part of the digest.

    Attributes:
        prefer: for a path below `python/` that several wheels ship with different bytes, the normalised name
            of the package whose file counts.
        exclude: what is left out: packages by their names, and patterns over paths below `python/` as
            `.gitignore` has them; whatever has one of `/ * ? [` is a pattern. In any order.
        slim: whether what no import needs is left out: tests, stubs, headers, static libraries.
        bytecode: whether every source is compiled.
        interpreter: by which it is compiled; see `settled`.
    """

    prefer: Mapping[str, str] = MappingProxyType({})
    exclude: tuple[str, ...] = ()
    slim: bool = False
    bytecode: bool = False
    interpreter: Interpreter | None = None

    def as_json(self) -> dict[str, Any]:
        """The options as manifests and the digest have them: only those that were given."""
        given: dict[str, Any] = {}
        if self.prefer:
            given["prefer"] = dict(sorted(self.prefer.items()))
        if self.exclude:
            given["exclude"] = sorted(set(self.exclude))
        if self.slim:
            given["slim"] = True
        if self.bytecode:
            given["bytecode"] = self.interpreter.as_json() if self.interpreter else True
        return given


DEFAULTS = LayerOptions()


def preferences(given: Sequence[str]) -> dict[str, str]:
    """Reads preferences as people write them.

    Args:
        given: each as `PATH=PACKAGE`, the package under any of its spellings.

    Returns:
        As `LayerOptions.prefer`.

    Raises:
        UserError: one of them is none.
    """
    found = {}
    for each in given:
        path, sign, package = each.rpartition("=")
        if not (path and sign and package):
            raise UserError(f"prefer {each}: write PATH=PACKAGE, such as six.py=six")
        # PEP 503: a project's many spellings have one normalised name.
        found[path] = re.sub(r"[-_.]+", "-", package).lower()
    return found


def settled(options: LayerOptions, target: Target, cache: Cache) -> LayerOptions:
    """The options with all that follows from them and from this machine: the interpreter that compiles.

    Raises:
        UserError: bytecode is asked for, and no interpreter of the target's version is here.
    """
    if not options.bytecode or options.interpreter is not None:
        return options
    from ..interpreters import needed_interpreter  # noqa: PLC0415 (as above)

    return options._replace(interpreter=needed_interpreter(target.python, cache))
