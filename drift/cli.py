"""The command line: `pulumi preview --json --stack NAME | python -m drift`."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TextIO

from console.parsing import Parser

from . import words
from .findings import Drift, NoPreviewError, errors_of, found_in

FAILED, MISTAKEN = 1, 2
_START = re.compile(r"^\s*\{", re.MULTILINE)
# What members of another type than Pulumi's own make of what reads them.
_UNEXPECTED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_MARKS = {True: ("-", "31"), False: ("~", "33")}


def main(arguments: Sequence[str]) -> int:
    """Runs the command on the process' own streams."""
    return answer(arguments, sys.stdin, sys.stdout, sys.stderr)


def answer(arguments: Sequence[str], stdin: TextIO, stdout: TextIO, stderr: TextIO) -> int:
    """Says what was changed outside of a stack.

    Args:
        arguments: without the program's name.
        stdin: a preview in JSON.
        stdout: gets the sentences, or JSON.
        stderr: gets one line of what went wrong.

    Returns:
        0; 1 with `--check` where something was changed, and where the preview had failed; 2 where there was
        no preview to read.
    """
    given = _parser().parse_args(arguments)
    try:
        preview = _read(stdin)
        drifts = found_in(preview)
        colour = stdout.isatty() and "NO_COLOR" not in os.environ
        text = _json(drifts) if given.json else told(drifts, colour=colour)
        errors = errors_of(preview)
    except NoPreviewError as error:
        stderr.write(f"error: {error}\n")
        return MISTAKEN
    except _UNEXPECTED:
        stderr.write("error: what came is JSON, and no preview as `pulumi preview --json` prints it\n")
        return MISTAKEN
    stdout.write(text)
    if errors:
        stderr.write(f"error: the preview failed, and may not have seen everything: {errors[0]}\n")
    return FAILED if errors or (given.check and drifts) else 0


def told(drifts: Sequence[Drift], *, colour: bool = False) -> str:
    """The sentences about all drifts, for people.

    Args:
        drifts: what was found.
        colour: whether marks are coloured for a terminal.
    """
    if not drifts:
        return "nothing was changed outside of the stack\n"
    count = "one resource was" if len(drifts) == 1 else f"{len(drifts)} resources were"
    lines = [f"{count} changed outside of the stack:"]
    for each in drifts:
        mark, code = _MARKS[each.deleted]
        shown = f"\x1b[{code}m{mark}\x1b[0m" if colour else mark
        lines.append(f"{shown} {words.subject(each)} ({each.name})")
        lines += [f"    {sentence}" for sentence in words.changes(each)]
        lines.append(f"    {words.repair(each)}")
    return "\n".join(lines) + "\n"


def _json(drifts: Sequence[Drift]) -> str:
    return json.dumps([_as_json(each) for each in drifts], indent=2) + "\n"


def _as_json(drift: Drift) -> dict[str, object]:
    return {
        "urn": drift.urn,
        "type": drift.type,
        "name": drift.name,
        "subject": words.subject(drift),
        "deleted": drift.deleted,
        "changes": words.changes(drift),
        "differences": [asdict(each) for each in drift.differences],
        "repair": drift.repair,
    }


def _read(stdin: TextIO) -> object:
    asked = "pipe a preview into it: `pulumi preview --json --stack NAME | python -m drift`"
    if stdin.isatty():
        raise NoPreviewError(asked)
    # The CLI's own lines can come before it, and a shell's mark before those.
    text = stdin.read().removeprefix("\ufeff")
    begins = _START.search(text)
    try:
        preview: object = json.loads(text[begins.start() :] if begins else text)
    except ValueError as error:
        raise NoPreviewError(f"what came is not JSON ({error}); {asked}") from None
    except RecursionError:
        raise NoPreviewError(f"what came is nested too deeply to be a preview; {asked}") from None
    return preview


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m drift",
        description="Reads a preview in JSON and says in sentences what was changed outside of the stack.",
        epilog="Example: pulumi preview --json --stack staging | python -m drift --check",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of sentences")
    parser.add_argument("--check", action="store_true", help="exit with 1 where something was changed")
    return parser
