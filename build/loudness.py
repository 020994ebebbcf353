"""`--quiet` and `--verbose`, for every command: how much a run tells beside its errors."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .console import hush, remark
from .errors import UserError
from .progress import Loudness, speak

# What a command is given before its options are read.
NEITHER = {"quiet": False, "verbose": False}

# The options that ask for an answer for programs.
_FORMS = ("json", "markdown")


def add_loudness(parser: argparse.ArgumentParser) -> None:
    """Adds both options to a command that has all its others.

    Where neither is given, what was given before the command's name, or `NEITHER`, stays as it is.
    """
    forms = [f"--{form}" for form in _FORMS if parser.get_default(form) is not None]
    asked = f", and what {' or '.join(forms)} asks for" if forms else ""
    options = parser.add_mutually_exclusive_group()
    options.add_argument(
        "--quiet",
        action="store_true",
        default=argparse.SUPPRESS,
        help=f"print nothing but errors{asked}",
    )
    options.add_argument(
        "--verbose",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print a line on stderr for each step, with its time and rate",
    )


@contextmanager
def as_loud_as(arguments: argparse.Namespace) -> Iterator[None]:
    """Lets a command tell what its arguments ask for.

    Quiet: no bars, no warnings, and no answer unless it is for programs. Verbose: a line for each step, and
    one for the whole.

    Raises:
        UserError: it is to be both.
    """
    if arguments.quiet and arguments.verbose:
        raise UserError("--quiet and --verbose exclude each other; leave out one of them")
    loudness: Loudness = "quiet" if arguments.quiet else "verbose" if arguments.verbose else "usual"
    begin = time.perf_counter()
    speak(loudness)
    hush(arguments.quiet and not any(getattr(arguments, form, False) for form in _FORMS))
    if arguments.quiet:
        _disable_warnings(yes=True)
    try:
        yield
    finally:
        if arguments.quiet:
            _disable_warnings(yes=False)
        if arguments.verbose:
            remark(f"{time.perf_counter() - begin:7.2f} s  in all\n")


def _disable_warnings(*, yes: bool) -> None:
    import logging  # noqa: PLC0415 (a warm build gets by without)

    logging.disable(logging.WARNING if yes else logging.NOTSET)
