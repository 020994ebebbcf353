"""`python -m build report`: one page that shows what is in a layer."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..console import answer
from ..errors import UserError
from ..output import replacing
from ..progress import progress_for_terminal
from ..report.described import Described
from ..report.difference import difference
from ..report.page import page
from ..report.reading import describe_layer, describe_lock, is_lock, target_named, zip_beside
from ..target import Target
from .common import add_options, add_requirements, add_target, options_of, wanted_of


def fill(parser: argparse.ArgumentParser) -> None:
    """Tells the parser what the command takes."""
    parser.description = (
        "Writes one HTML page about a layer: its packages by size, what verification finds, and what changed "
        "since another build. It needs no network."
    )
    parser.add_argument("layer", metavar="LAYER", type=Path, help="a manifest (.json), a zip or a lock")
    parser.add_argument("--against", type=Path, metavar="OTHER", help="an earlier one, to show what changed")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the page (default: beside LAYER)")
    add_target(parser, required=False)
    add_options(parser)
    add_requirements(parser)


def run(arguments: argparse.Namespace) -> int:
    """Writes the page, and prints where it is.

    Returns:
        0.

    Raises:
        UserError, FailureError: as `describe_layer` and `describe_lock`; the page cannot be written.
    """
    target = Target(arguments.python, arguments.architecture) if arguments.python else None
    layer = _described(arguments.layer, target, arguments)
    target = target or target_named(layer.target)
    since = None
    if arguments.against is not None:
        since = difference(_described(arguments.against, target, arguments), layer)
    output: Path = arguments.output or arguments.layer.with_suffix(".html")
    content = page(layer, _findings(arguments, target), since)
    with replacing(output) as stream:
        stream.write(content.encode())
    answer(f"{output}\n")
    return 0


def _described(path: Path, target: Target | None, arguments: argparse.Namespace) -> Described:
    if not is_lock(path):
        return describe_layer(path)
    if target is None:
        raise UserError(
            f"{path} is a lock: say what for by --python X.Y, and --architecture where it matters"
        )
    return describe_lock(path, target=target, options=options_of(arguments), progress=progress_for_terminal())


def _findings(arguments: argparse.Namespace, target: Target | None) -> list[dict[str, Any]] | None:
    """What verification finds; None where there is no zip, or nobody says what it is for."""
    archive = zip_beside(arguments.layer)
    if archive is None or target is None:
        return None
    from ..cache import Cache  # noqa: PLC0415 (only where there is a zip)
    from ..verify import verify_zip  # noqa: PLC0415 (as above)

    verdict = verify_zip(archive, target, Cache.default(), wanted_of(arguments))
    return [each.as_json() for each in verdict.findings]
