"""The command `verify`: whether a layer will work where it is meant to run."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from ..cache import Cache
from ..console import answer
from ..errors import UserError
from ..layer import build_layer
from ..progress import progress_for_terminal
from ..report.reading import describe_layer, is_lock, zip_beside
from ..verify import Verdict, verify_layer, verify_zip
from ..verify.rendering import as_text
from .common import (
    LAYER_TARGET,
    ONLY_OF_LOCK,
    add_lock,
    add_options,
    add_requirements,
    add_target,
    lock_arguments,
    options_of,
    wanted_of,
)
from .subject import refuse_building, target_given, without_python

# As for every other mistake in what was given.
_BAD = 2


def fill(parser: argparse.ArgumentParser) -> None:
    """Tells the parser what the command takes."""
    parser.description = (
        "Verifies a layer: archive, ELF machine, symbols and libraries, ABI tags, metadata, requirements, "
        "modules, sizes; required modules are imported where an interpreter of the target's version is at "
        "hand."
    )
    parser.epilog = "Exit codes: 0 good (there may be warnings), 2 bad, 1 it could not be verified."
    add_lock(parser, "LAYER", "a layer's zip or manifest, of whatever maker, or a lock", only=ONLY_OF_LOCK)
    add_target(parser, LAYER_TARGET, named="LAYER")
    add_options(parser, only=ONLY_OF_LOCK)
    add_requirements(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")


def run(arguments: argparse.Namespace) -> int:
    """Verifies, and prints what was found.

    Returns:
        0, or 2 where there is an error among the findings.

    Raises:
        UserError, FailureError: the layer cannot be read or built.
    """
    found = _of_lock(arguments) if is_lock(arguments.lock) else _of_layer(arguments)
    answer(json.dumps(found.as_json(), indent=1) + "\n" if arguments.json else as_text(found))
    return _BAD if found.errors else 0


def _of_lock(arguments: argparse.Namespace) -> Verdict:
    target = target_given(arguments)
    if target is None:
        raise without_python(arguments.lock)
    wanted = wanted_of(arguments)
    cache = Cache.default()
    with tempfile.TemporaryDirectory(prefix="lamina-verify-") as folder:
        built = build_layer(
            arguments.lock,
            target=target,
            name="layer",
            output=Path(folder),
            options=options_of(arguments),
            cache=cache,
            progress=progress_for_terminal(),
            **lock_arguments(arguments),
        )
        return verify_layer(built, target, cache, wanted)


def _of_layer(arguments: argparse.Namespace) -> Verdict:
    path: Path = arguments.lock
    refuse_building(arguments, path)
    target = target_given(arguments, describe_layer(path))
    if target is None:
        raise without_python(path)
    archive = zip_beside(path)
    if archive is None:
        raise UserError(f"{path} is a manifest, and its zip is not beside it")
    return verify_zip(archive, target, Cache.default(), wanted_of(arguments))
