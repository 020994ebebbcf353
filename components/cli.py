"""`python -m components layer --stack NAME`: builds the layer that `pulumi up` would, without an engine."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from build.cli import main as build
from build.console import failed
from build.errors import UserError
from console.parsing import Parser

from .names import BUILD_FOLDER
from .stack_file import layer_options, layer_settings


def main(arguments: Sequence[str]) -> int:
    """Reads the stack's file, and runs `python -m build layer` with what it says.

    Returns:
        That command's exit code; 2 where the stack's file cannot be used.
    """
    given, more = _parser().parse_known_args(arguments)
    try:
        settings = layer_settings(given.project, given.stack)
    except UserError as error:
        return failed(*error.faults, code=error.exit_code)
    lock = str(given.project / settings.lock)
    where = ["--output", str(given.output)]
    return build(["layer", lock, "--name", given.name, *where, *layer_options(settings), *more])


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m components", description="What the components do, without an engine.")
    commands = parser.add_subparsers(dest="command", required=True)
    layer = commands.add_parser(
        "layer",
        help="build a stack's layer",
        description="Builds the layer that a stack's file asks for. Further options are those of `python -m "
        "build layer`, such as --json; see its --help.",
        allow_abbrev=False,
    )
    layer.add_argument("--stack", required=True, metavar="NAME", help="the stack: Pulumi.NAME.yaml is read")
    layer.add_argument(
        "--project",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="the folder of Pulumi.yaml (default: here)",
    )
    layer.add_argument(
        "--output",
        type=Path,
        default=Path(BUILD_FOLDER),
        metavar="DIR",
        help="where the zip goes (default: %(default)s, which git ignores)",
    )
    layer.add_argument("--name", default="deps", help="the layer's name (default: %(default)s)")
    return parser
