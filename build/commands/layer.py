"""`python -m build layer`: a lock becomes a layer."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..cache import Cache
from ..console import answer, counted, remark, size_of
from ..errors import UserError
from ..evidence import record
from ..layer import build_layer
from ..progress import progress_for_terminal
from ..report.beside import SUFFIX
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
    before = _names(arguments.output)
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


def _names(folder: Path) -> set[str]:
    try:
        return {each.name for each in folder.iterdir()}
    except OSError:
        return set()


def _verified(
    built: BuiltLayer, arguments: argparse.Namespace, wanted: Wanted, before: set[str]
) -> tuple[dict[str, Any], str]:
    """What verification finds: what it adds to the answer for programs, and what it tells people.

    Raises:
        UserError, FailureError: it is bad, or cannot be verified; what the folder did not have before is gone
            from it again.
    """
    # A build that is not verified needs none of it.
    from ..verify import refusal, verify_layer  # noqa: PLC0415
    from ..verify.rendering import told  # noqa: PLC0415

    passed = False
    try:
        verdict = verify_layer(built, target_of(arguments), Cache.default(), wanted)
        passed = not verdict.errors
    finally:
        # What could not be verified is no better than what is bad.
        for path in () if passed else (built.zip, built.manifest, built.zip.with_suffix(SUFFIX)):
            if path.name not in before:
                path.unlink(missing_ok=True)
    lines = "".join(f"{line}\n" for line in told(verdict))
    if not passed:
        remark(lines)
        raise refusal(verdict, f"the layer {built.name}")
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
