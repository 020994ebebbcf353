"""The builder's command line: `python -m build layer LOCK …`."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from .errors import FailureError, LaminaError, UserError
from .layer import BuiltLayer, LayerOptions, build_layer
from .progress import progress_for_terminal
from .target import ARCHITECTURES, GLIBC, Target

_INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Runs one command.

    Args:
        arguments: without the program's name.

    Returns:
        0; 2 for the user's mistake and 1 for a failure, each with one line on stderr; 130 after Ctrl-C.
    """
    try:
        return _layer(_parser().parse_args(arguments))
    except LaminaError as error:
        return _failed(str(error), error.exit_code)
    except BrokenPipeError:
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _failed(f"{where}{error.strerror or error}", 1)
    except KeyboardInterrupt:
        return _failed("interrupted", _INTERRUPTED)
    except Exception as error:
        if os.environ.get("LAMINA_TRACEBACK"):
            raise
        reason = f"{type(error).__name__}: {error}"
        return _failed(f"this is a fault of Lamina: {reason} (LAMINA_TRACEBACK=1 shows where)", 1)


class _Parser(argparse.ArgumentParser):
    """Tells a mistake as every other one is told: in one line."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m build",
        description="Builds reproducible, content-addressed AWS Lambda layers from lock files.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    layer = commands.add_parser(
        "layer",
        help="build a layer from a lock file",
        description="Builds a layer from a lock file. The same lock, target and options give the same bytes.",
        epilog="Exit codes: 0 built, 1 a failure (network, disk), 2 a mistake in what was given.",
    )
    layer.add_argument(
        "lock", metavar="LOCK", type=Path, help="a requirements.txt, best with pins and hashes"
    )
    layer.add_argument(
        "--python", required=True, metavar="X.Y", help=f"the functions' Python: {', '.join(GLIBC)}"
    )
    layer.add_argument(
        "--architecture",
        default="x86_64",
        metavar="NAME",
        help=f"the functions' processor: {' or '.join(ARCHITECTURES)} (default: %(default)s)",
    )
    layer.add_argument("--name", default="layer", help="the layer's name (default: %(default)s)")
    layer.add_argument("--output", type=Path, default=Path(), metavar="DIR", help="where the zip goes")
    layer.add_argument(
        "--prefer",
        action="append",
        default=[],
        metavar="PATH=PACKAGE",
        help="whose file counts where two packages ship different ones for a path",
    )
    layer.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    return parser


def _layer(arguments: argparse.Namespace) -> int:
    built = build_layer(
        arguments.lock,
        target=Target(arguments.python, arguments.architecture),
        name=arguments.name,
        output=arguments.output,
        options=LayerOptions(prefer=_preferences(arguments.prefer)),
        progress=progress_for_terminal(),
    )
    _answer(json.dumps(built.as_json(), indent=1) + "\n" if arguments.json else _table(built))
    return 0


def _answer(text: str) -> None:
    if sys.stdout is None:
        raise FailureError("standard output is closed, so there is no place for the answer")
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A folder's name may have characters that the terminal has not.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # Python writes the rest once more when it ends, and would tell of it in its own words.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise
        raise FailureError(f"the answer cannot be written: {error.strerror}") from error


def _preferences(given: Sequence[str]) -> dict[str, str]:
    preferences = {}
    for each in given:
        path, sign, package = each.rpartition("=")
        if not (path and sign and package):
            raise UserError(f"--prefer {each}: write PATH=PACKAGE, such as --prefer six.py=six")
        # PEP 503: a project's many spellings have one normalised name.
        preferences[path] = re.sub(r"[-_.]+", "-", package).lower()
    return preferences


def _table(built: BuiltLayer) -> str:
    width = max((len(each.name) for each in built.packages), default=0)
    packages = [f"  {each.name:<{width}}  {each.version}" for each in built.packages]
    sizes = f"{_mebibytes(built.zip_size)} zipped, {_mebibytes(built.unzipped_size)} unzipped"
    return "\n".join(
        [
            *packages,
            f"{len(built.packages)} packages, {built.files} files, {sizes}",
            f"for {built.runtime} on {built.architecture}",
            f"digest {built.digest}",
            f"{built.zip}\n",
        ]
    )


def _mebibytes(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB"


def _failed(message: str, code: int) -> int:
    if sys.stderr is not None:
        sys.stderr.write(f"error: {' '.join(message.split())}\n")
    return code
