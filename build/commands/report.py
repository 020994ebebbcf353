"""The command `report`: one page that shows what is in a layer."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..console import answer
from ..errors import UserError
from ..output import replacing
from ..report.described import Described
from ..report.difference import difference
from ..report.page import page
from ..report.reading import is_lock, zip_beside
from .common import (
    LAYER_TARGET,
    add_options,
    add_requirements,
    add_target,
    wanted_of,
    wants,
)
from .subject import described, refuse_building, target_given, without_python


def fill(parser: argparse.ArgumentParser) -> None:
    """Tells the parser what the command takes."""
    parser.description = (
        "Writes one HTML page about a layer: its packages by size, what verification finds, and what changed "
        "since another build. It needs no network."
    )
    parser.add_argument("layer", metavar="LAYER", type=Path, help="a manifest (.json), a zip or a lock")
    parser.add_argument("--against", type=Path, metavar="OTHER", help="an earlier one, to show what changed")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the page (default: LAYER with .html)")
    add_target(parser, LAYER_TARGET, named="LAYER")
    add_options(parser, only=" (only where LAYER or OTHER is a lock)")
    add_requirements(parser)


def run(arguments: argparse.Namespace) -> int:
    """Writes the page, and prints where it is.

    Returns:
        0.

    Raises:
        UserError, FailureError: as `described`; an option would be passed over; the page cannot be written.
    """
    paths = [path for path in (arguments.layer, arguments.against) if path is not None]
    if not any(map(is_lock, paths)):
        refuse_building(arguments, *paths)
    layer, *earlier = described(arguments, *paths, pins=False)
    since = difference(earlier[0], layer) if earlier else None
    output: Path = arguments.output or arguments.layer.with_suffix(".html")
    content = page(layer, _findings(arguments, layer), since)
    with replacing(output) as stream:
        stream.write(content.encode())
    answer(f"{output}\n")
    return 0


def _findings(arguments: argparse.Namespace, layer: Described) -> list[dict[str, Any]] | None:
    """What verification finds; None where there is no zip, or nobody says what it is for."""
    archive = zip_beside(arguments.layer)
    target = target_given(arguments, layer)
    wanted = wants(arguments)
    if archive is None:
        if wanted:
            raise UserError(
                f"{arguments.layer} has no zip, which is what is verified: {', '.join(wanted)} cannot be told"
            )
        return None
    if target is None:
        if wanted or arguments.architecture:
            raise without_python(arguments.layer)
        return None
    from ..cache import Cache  # noqa: PLC0415 (only where there is a zip)
    from ..verify import verify_zip  # noqa: PLC0415 (as above)

    verdict = verify_zip(archive, target, Cache.default(), wanted_of(arguments))
    return [each.as_json() for each in verdict.findings]
