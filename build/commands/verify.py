"""`python -m build verify`: whether a layer will work where it is meant to run."""

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
from ..report.reading import describe_layer, is_lock, target_named, zip_beside
from ..target import Target
from ..verify import Verdict, verify_layer, verify_zip
from ..verify.rendering import as_text
from .common import add_lock, add_options, add_requirements, add_target, lock_arguments, options_of, wanted_of

# As for every other mistake in what was given.
_BAD = 2


def fill(parser: argparse.ArgumentParser) -> None:
    """Tells the parser what the command takes."""
    parser.description = (
        "Verifies a layer: ELF machine, symbols and libraries, ABI tags, requirements, modules, sizes; "
        "required modules are imported where an interpreter of the target's version is at hand."
    )
    parser.epilog = "Exit codes: 0 good (there may be warnings), 2 bad, 1 it could not be verified."
    add_lock(parser, "LAYER", "a layer's zip or manifest, of whatever maker, or a lock")
    add_target(parser, required=False)
    add_options(parser)
    add_requirements(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")


def run(arguments: argparse.Namespace) -> int:
    """Verifies, and prints what was found.

    Returns:
        0, or 2 where there is an error among the findings.

    Raises:
        UserError, FailureError: the layer cannot be read or built.
    """
    target = Target(arguments.python, arguments.architecture) if arguments.python else None
    found = _of_lock(arguments, target) if is_lock(arguments.lock) else _of_layer(arguments, target)
    answer(json.dumps(found.as_json(), indent=1) + "\n" if arguments.json else as_text(found))
    return _BAD if found.errors else 0


def _of_lock(arguments: argparse.Namespace, target: Target | None) -> Verdict:
    if target is None:
        raise UserError(f"{arguments.lock} is a lock: say what for by --python X.Y")
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


def _of_layer(arguments: argparse.Namespace, target: Target | None) -> Verdict:
    path: Path = arguments.lock
    given = [f"--{name}" for name in ("extra", "group", "exclude", "prefer") if getattr(arguments, name)]
    given += [f"--{name}" for name in ("slim", "bytecode", "refresh") if getattr(arguments, name)]
    given += ["--require-hashes"] if arguments.require_hashes else []
    if given:
        raise UserError(f"{path} is a layer, which is verified as it is: {', '.join(given)} is for a lock")
    target = target or target_named(describe_layer(path).target)
    if target is None:
        raise UserError(f"{path} does not say what it is for: say it by --python X.Y and --architecture")
    archive = zip_beside(path)
    if archive is None:
        raise UserError(f"{path} is a manifest, and its zip is not beside it")
    return verify_zip(archive, target, Cache.default(), wanted_of(arguments))
