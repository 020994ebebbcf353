"""What a command looks at: layers that are there, locks that are not layers yet, and what they are for."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..errors import UserError
from ..progress import progress_for_terminal
from ..report.described import Described
from ..report.reading import describe_layer, describe_lock, is_lock, target_for
from ..target import Target
from .common import options_of

# What says how a layer is built of a lock; a layer that is there is as it is.
_OF_BUILDING = ("extra", "group", "require_hashes", "refresh", "prefer", "exclude", "slim", "bytecode")
_OF_TARGET = ("python", "architecture")


def target_given(arguments: argparse.Namespace, layer: Described | None = None) -> Target | None:
    """The target that was given; what of it was not given is what the layer names, if there is one.

    Raises:
        UserError: Lambda has no such one.
    """
    return target_for(layer.target if layer else None, arguments.python, arguments.architecture)


def refuse_building(arguments: argparse.Namespace, *layers: Path, target: bool = False) -> None:
    """Refuses what would be passed over in silence, because it says how a lock becomes a layer.

    Args:
        arguments: what was given.
        layers: what it was given for, none of them a lock.
        target: whether a target is of no use either.

    Raises:
        UserError: naming each such option.
    """
    given = _given(arguments, _OF_BUILDING + _OF_TARGET * target)
    if given:
        one = len(layers) == 1
        kind = "is a layer, which is taken as it is" if one else "are layers, which are taken as they are"
        verb = "is" if len(given) == 1 else "are"
        raise UserError(f"{' and '.join(map(str, layers))} {kind}: {', '.join(given)} {verb} for a lock")


def without_python(path: Path) -> UserError:
    """The mistake that nothing says for which Python a lock is read, or a layer is."""
    if is_lock(path):
        return UserError(
            f"{path} is a lock: say what for by --python X.Y, and --architecture where it matters"
        )
    return UserError(f"{path} does not say what it is for: say it by --python X.Y and --architecture")


def described(arguments: argparse.Namespace, *paths: Path, pins: bool) -> list[Described]:
    """Finds out what can be known of layers and locks.

    A lock is read with the options and for the target that were given; what of the target was not given is
    what the layer beside it names.

    Args:
        arguments: what was given.
        paths: manifests, zips and locks.
        pins: whether locks for which nothing says the Python are told by their pins; else they are refused.

    Raises:
        UserError, FailureError: as `describe_layer` and `describe_lock`; an option would be passed over.
    """
    found = {path: describe_layer(path) for path in paths if not is_lock(path)}
    targets = [target_given(arguments, layer) for layer in found.values()]
    target = next(filter(None, targets), None) or target_given(arguments)
    for path in (path for path in paths if path not in found):
        if target is None and not pins:
            raise without_python(path)
        given = _given(arguments, _OF_BUILDING + _OF_TARGET)
        if target is None and given:
            raise UserError(
                "locks are compared by their pins alone where nothing says for which Python: "
                f"{', '.join(given)} {'needs' if len(given) == 1 else 'need'} --python X.Y"
            )
        found[path] = describe_lock(
            path, target=target, options=options_of(arguments), progress=progress_for_terminal()
        )
    return [found[path] for path in paths]


def _given(arguments: argparse.Namespace, names: Sequence[str]) -> list[str]:
    there = (name for name in names if getattr(arguments, name, None) not in (None, False, []))
    return [f"--{name.replace('_', '-')}" for name in there]
