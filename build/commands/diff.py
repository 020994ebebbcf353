"""The command `diff`: how two layers differ, and why the digest changed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..console import answer
from ..report.difference import Difference, difference
from ..report.reading import is_lock
from ..report.rendering import as_json, markdown, text
from .common import add_options, add_target
from .subject import described, refuse_building

# As `git diff --exit-code` and `terraform plan -detailed-exitcode` have one: 1 and 2 are taken by errors.
DIFFERENT = 3


def fill(parser: argparse.ArgumentParser) -> None:
    """Tells the parser what the command takes."""
    parser.description = (
        "Compares two layers: packages added, removed and changed, target, options, and why the digest "
        "changed. Each is a manifest (.json), a zip of whatever maker, or a lock. Two locks are compared by "
        "their pins alone, without the network, unless --python says what for."
    )
    parser.epilog = "Exit codes: 0 compared; with --exit-code, 3 where they differ."
    parser.add_argument("before", metavar="A", type=Path, help="the earlier: a manifest, a zip or a lock")
    parser.add_argument("after", metavar="B", type=Path, help="the later")
    add_target(parser, "what a lock is read for (default: what the layer beside it says)", named="the layer")
    add_options(parser, only=" (only where A or B is a lock)")
    parser.add_argument(
        "--files",
        action="store_true",
        help="list the files that differ, too, where both zips are there (--json always does)",
    )
    parser.add_argument("--exit-code", action="store_true", help=f"exit with {DIFFERENT} where they differ")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    form.add_argument("--markdown", action="store_true", help="print Markdown instead of text, for a comment")


def run(arguments: argparse.Namespace) -> int:
    """Compares, and prints what differs.

    Returns:
        0, or 3 where they differ and `--exit-code` is given.

    Raises:
        UserError, FailureError: as `described`.
    """
    paths = (arguments.before, arguments.after)
    if not any(map(is_lock, paths)):
        refuse_building(arguments, *paths, target=True)
    found = difference(*described(arguments, *paths, pins=True))
    if arguments.json:
        answer(json.dumps(as_json(found), indent=1) + "\n")
    else:
        answer(_for_people(found, arguments))
    return DIFFERENT if arguments.exit_code and not found.is_same else 0


def _for_people(found: Difference, arguments: argparse.Namespace) -> str:
    if arguments.markdown:
        return markdown(found)
    return text(found, files=arguments.files)
