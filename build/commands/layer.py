"""The command `layer`: a lock becomes a layer."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..console import answer, counted, remark, size_of
from ..errors import UserError
from ..evidence import record
from ..layer import build_layer
from ..progress import progress_for_terminal
from ..tree.manifest import BuiltLayer
from ..unchanged import remember
from .common import (
    add_lock,
    add_options,
    add_remote,
    add_requirements,
    add_target,
    lock_arguments,
    options_of,
    remote_of,
    target_of,
    wanted_of,
    wants,
)
from .verified import names_in, verified

if TYPE_CHECKING:
    from ..verify.verdict import Wanted

_UNCHANGED = "nothing has changed since the same command ran, so its answer is given again\n"


def fill(parser: argparse.ArgumentParser) -> None:
    """Tells the parser what the command takes."""
    parser.description = (
        "Builds a layer from a lock file. The same lock, target and options give the same bytes. Writes "
        "NAME-DIGEST.zip, its manifest (.json) and its bill of materials (.cdx.json)."
    )
    add_lock(parser)
    add_target(parser)
    parser.add_argument("--name", default="layer", help="the layer's name (default: %(default)s)")
    parser.add_argument(
        "--output", type=Path, default=Path(), metavar="DIR", help="where the zip goes (default: here)"
    )
    add_options(parser)
    add_remote(parser)
    parser.add_argument(
        "--verify",
        action="store_true",
        help="check the layer as the verify command does, and keep none that would not work (implied by "
        "--require, --beside, --layers)",
    )
    add_requirements(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")


def run(arguments: argparse.Namespace) -> int:
    """Builds, and prints what was built.

    Returns:
        0.

    Raises:
        UserError, FailureError: as `build_layer`; what was built does not pass verification, and is taken
            away again.
    """
    asked = (["--verify"] if arguments.verify else []) + wants(arguments)
    if asked and arguments.no_zip:
        raise UserError(f"--no-zip: a layer is verified by its zip; leave out {', '.join(asked)}")
    # What makes no sense is told before anything is built.
    wanted = wanted_of(arguments) if asked else None
    before = names_in(arguments.output)
    evidence = record()
    remote = remote_of(arguments)
    built = build_layer(
        arguments.lock,
        target=target_of(arguments),
        name=arguments.name,
        output=arguments.output,
        options=options_of(arguments),
        progress=progress_for_terminal(),
        remote=remote,
        zip_wanted=not arguments.no_zip,
        **lock_arguments(arguments),
    )
    verification, warnings = _verified(built, arguments, wanted, before) if wanted else ({}, "")
    text = json.dumps(built.as_json() | verification, indent=1) + "\n" if arguments.json else _table(built)
    if not arguments.refresh and not (remote and remote.troubled):
        # What an unchanged build says is not asked again whether it may.
        said = "" if arguments.quiet and not arguments.json else text
        unchanged = _UNCHANGED if arguments.verbose else ""
        remember(arguments.given, evidence, said, unchanged + warnings)
    remark(warnings)
    answer(text)
    return 0


def _verified(
    built: BuiltLayer, arguments: argparse.Namespace, wanted: Wanted, before: frozenset[str]
) -> tuple[dict[str, Any], str]:
    """What verification adds to the answer for programs, and what it tells people."""
    verdict, lines = verified(built, target_of(arguments), wanted, before)
    return {"verification": verdict.as_json()}, "" if arguments.quiet else lines


def _table(built: BuiltLayer) -> str:
    width = max((len(each.name) for each in built.packages), default=0)
    packages = [f"  {each.name:<{width}}  {each.version}" for each in built.packages]
    sizes = f"{size_of(built.zip_size)} zipped, {size_of(built.unzipped_size)} unzipped"
    return "\n".join(
        [
            *packages,
            f"{counted(len(built.packages), 'package')}, {counted(built.files, 'file')}, {sizes}",
            *_left_out(built),
            f"for {built.runtime} on {built.architecture}",
            f"digest {built.digest}",
            f"{built.zip}\n",
        ]
    )


def _left_out(built: BuiltLayer) -> Iterator[str]:
    if built.removed:
        count, size = (sum(each[name] for each in built.removed) for name in ("files", "size"))
        yield f"left out: {counted(count, 'file')}, {size_of(size)}; the manifest lists them"
    if built.uncompiled:
        sources = counted(len(built.uncompiled), "source that does", "sources that do")
        yield f"without bytecode: {sources} not compile; the manifest lists them"
