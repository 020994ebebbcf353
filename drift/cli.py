"""The command line: `pulumi preview --json --stack NAME | python -m drift`."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import TextIO

from . import words
from .findings import Drift, NoPreviewError, errors_of, found_in

FAILED, MISTAKEN = 1, 2
_MARKS = {True: ("-", "31"), False: ("~", "33")}


def main(arguments: Sequence[str], stdin: TextIO, stdout: TextIO, stderr: TextIO) -> int:
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
    except NoPreviewError as error:
        stderr.write(f"error: {error}\n")
        return MISTAKEN
    if given.json:
        stdout.write(json.dumps([_as_json(each) for each in drifts], indent=2) + "\n")
    else:
        colour = stdout.isatty() and "NO_COLOR" not in os.environ
        stdout.write(told(drifts, colour=colour))
    errors = errors_of(preview)
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
    try:
        preview: object = json.load(stdin)
    except ValueError as error:
        raise NoPreviewError(f"what came is not JSON ({error}); {asked}") from None
    return preview


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m drift",
        description="Reads a preview in JSON and says in sentences what was changed outside of the stack.",
        epilog="Example: pulumi preview --json --stack staging | python -m drift --check",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of sentences")
    parser.add_argument("--check", action="store_true", help="exit with 1 where something was changed")
    return parser
