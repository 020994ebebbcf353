"""The builder's command line: a command and its arguments; each command is a file of `commands/`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from . import VERSION
from .console import failed
from .errors import LaminaError, UserError
from .loudness import NEITHER, add_loudness, as_loud_as

_INTERRUPTED = 130
_EPILOG = """\
A layer of what a requirements.txt, pylock.toml or uv.lock pins, in dist/:

  {program} layer requirements.txt --python 3.12 --name deps --output dist --verify

Whether a layer of whatever maker would work, and why a digest changed:

  {program} verify layer.zip --python 3.12 --architecture arm64
  {program} diff dist/deps-OLD.json dist/deps-NEW.json

What of a layer's old versions in AWS may go, and how much room that makes:

  {program} gc --layer shop-prod-deps --keep 5

Which resources of a Terraform state the program takes over:

  terraform show -json > state.json
  {program} adopt state.json --stack prod

`{program} COMMAND --help` tells all about one.
Exit codes: 0 done, 1 a failure (network, disk), 2 a mistake in what was given or a layer that would not \
work; 3 from diff --exit-code.
"""

# Command to its line in the list of commands; its module is loaded only when it is asked for.
COMMANDS = {
    "layer": "build a layer from a lock file",
    "verify": "say whether a layer will work where it is meant to run",
    "diff": "say how two layers differ, and why the digest changed",
    "report": "write a page that shows what is in a layer",
    "gc": "delete versions of a layer in AWS that nothing refers to any more",
    "external": "answer a query of Terraform's external data source",
    "adopt": "say which resources of a Terraform state the program takes over",
    "cache": "say what is cached, remove what is not used, find what is damaged",
}


def main(arguments: Sequence[str], query: bytes | None = None, *, program: str | None = None) -> int:
    """Runs one command.

    Args:
        arguments: without the program's name.
        query: what was read from stdin, where the command is given one there.
        program: how whoever reads the help calls this; `python -m` with the package unless given.

    Returns:
        0; 2 for the user's mistake and 1 for a failure, each fault with one line on stderr; 130 after Ctrl-C.
    """
    try:
        before = argparse.Namespace(given=tuple(arguments), query=query, **NEITHER)
        given = _parser(arguments, program or f"python -m {__package__}").parse_args(arguments, before)
        with as_loud_as(given):
            code: int = given.run(given)
    except LaminaError as error:
        return failed(*error.faults, code=error.exit_code)
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return failed("interrupted", code=_INTERRUPTED)
    except Exception as error:
        if os.environ.get("LAMINA_TRACEBACK") and not isinstance(error, OSError):
            raise
        return _unforeseen(error)
    return code


def _unforeseen(error: Exception) -> int:
    """Tells what no part of the builder tells better."""
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return failed(f"{where}{error.strerror or error}", code=1)
    if isinstance(error, RecursionError):
        return failed("something that was given is nested deeper than can be read", code=UserError.exit_code)
    if isinstance(error, MemoryError):
        return failed("there is not enough memory for this", code=1)
    if isinstance(error, ModuleNotFoundError):
        lacking = f"{sys.executable} has no module {error.name}"
        return failed(f"{lacking}: run this with .venv/bin/python, or where Lamina is installed", code=1)
    reason = f"{type(error).__name__}: {error}"
    return failed(f"this is a fault of Lamina: {reason} (LAMINA_TRACEBACK=1 shows where)", code=1)


class _Formatter(argparse.HelpFormatter):
    """Knows the terminal's width without shutil, which takes as long to load as all else in argparse."""

    def __init__(self, prog: str) -> None:
        try:
            columns = int(os.environ.get("COLUMNS") or os.get_terminal_size().columns)
        except (OSError, ValueError):
            columns = 80
        super().__init__(prog, width=max(columns, 20) - 2)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        # Commands to copy stay on lines of their own.
        fill = super()._fill_text
        return "\n".join(
            line if line.startswith("  ") else fill(line, width, indent) for line in text.splitlines()
        )


class _Parser(argparse.ArgumentParser):
    """Tells a mistake as every other one is told: in one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, formatter_class=_Formatter)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Refuses what a command does not know in that command's name, and not in the whole program's."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see {self.prog} --help")


def _parser(arguments: Sequence[str], program: str) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=program,
        description="Builds reproducible, content-addressed AWS Lambda layers from lock files.",
        epilog=_EPILOG.format(program=program),
    )
    parser.add_argument("--version", action="version", version=f"lamina {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    asked = next((argument for argument in arguments if not argument.startswith("-")), None)
    for name, line in COMMANDS.items():
        command = commands.add_parser(name, help=line)
        if name == asked:
            module = importlib.import_module(f".commands.{name}", __package__)
            module.fill(command)
            add_loudness(command)
            command.set_defaults(run=module.run, program=command.prog)
    return parser
