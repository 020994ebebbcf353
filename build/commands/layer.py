"""`python -m build layer`: a lock becomes a layer."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from ..console import answer, mebibytes
from ..evidence import record
from ..layer import build_layer
from ..progress import progress_for_terminal
from ..tree.manifest import BuiltLayer
from ..unchanged import remember
from .common import (
    add_lock,
    add_options,
    add_remote,
    add_target,
    lock_arguments,
    options_of,
    remote_of,
    target_of,
)

_UNCHANGED = "nothing has changed since the same command ran, so its answer is given again\n"


def fill(parser: argparse.ArgumentParser) -> None:
    """Tells the parser what the command takes."""
    parser.description = (
        "Builds a layer from a lock file. The same lock, target and options give the same bytes."
    )
    add_lock(parser)
    add_target(parser)
    parser.add_argument("--name", default="layer", help="the layer's name (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=Path(), metavar="DIR", help="where the zip goes")
    add_options(parser)
    add_remote(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")


def run(arguments: argparse.Namespace) -> int:
    """Builds, and prints what was built.

    Returns:
        0.

    Raises:
        UserError, FailureError: as `build_layer`.
    """
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
    text = json.dumps(built.as_json(), indent=1) + "\n" if arguments.json else _table(built)
    if not arguments.refresh and not (remote and remote.troubled):
        # What an unchanged build says is not asked again whether it may.
        said = "" if arguments.quiet and not arguments.json else text
        remember(arguments.given, evidence, said, _UNCHANGED if arguments.verbose else "")
    answer(text)
    return 0


def _table(built: BuiltLayer) -> str:
    width = max((len(each.name) for each in built.packages), default=0)
    packages = [f"  {each.name:<{width}}  {each.version}" for each in built.packages]
    sizes = f"{mebibytes(built.zip_size)} zipped, {mebibytes(built.unzipped_size)} unzipped"
    return "\n".join(
        [
            *packages,
            f"{len(built.packages)} packages, {built.files} files, {sizes}",
            *_left_out(built),
            f"for {built.runtime} on {built.architecture}",
            f"digest {built.digest}",
            f"{built.zip}\n",
        ]
    )


def _left_out(built: BuiltLayer) -> Iterator[str]:
    if built.removed:
        count, size = (sum(each[name] for each in built.removed) for name in ("files", "size"))
        yield f"left out: {count} files, {mebibytes(size)}; the manifest lists them"
    if built.uncompiled:
        count = len(built.uncompiled)
        yield f"without bytecode: {count} sources that do not compile; the manifest lists them"
