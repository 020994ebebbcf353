"""`python -m build adopt`: which resource of a Terraform state becomes which of the program, as a file."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..console import answer, counted, remark
from ..errors import UserError

if TYPE_CHECKING:
    from ..adopt.mapping import Mapping

_STACK = re.compile(r"[A-Za-z0-9_.-]{1,100}", re.ASCII)


def fill(parser: argparse.ArgumentParser) -> None:
    """Tells the parser what the command takes."""
    parser.description = (
        "Reads a Terraform state and writes, as YAML to read and edit, which of its resources `pulumi up` "
        "takes over with lamina:adopt set to that file, which are left and why, and what is made anew. It "
        "asks nobody and changes nothing else."
    )
    parser.add_argument(
        "state",
        metavar="STATE",
        help="what `terraform show -json` or `terraform state pull` prints; - for stdin",
    )
    parser.add_argument(
        "--project",
        metavar="DIR",
        type=Path,
        default=Path(),
        help="the folder of Pulumi.yaml, where the file goes (default: this one)",
    )
    parser.add_argument(
        "--stack", metavar="NAME", help="the stack that the file is for; it is then refused by any other"
    )
    parser.add_argument(
        "--output", metavar="FILE", type=Path, help="in place of adopt.STACK.yaml in the project's folder"
    )
    parser.add_argument(
        "--as",
        dest="given",
        metavar="ADDRESS=RESOURCE",
        action="append",
        default=[],
        help="what becomes of a resource where that cannot be told, or is to be otherwise; `none` leaves it. "
        "Several times",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print all of it as one JSON object, and write a file only if --output names one",
    )


def run(arguments: argparse.Namespace) -> int:
    """Reads the state, decides, writes.

    Returns:
        0, also where something could not be decided: that is told.

    Raises:
        UserError: the state or the options are wrong, or the file is there already.
        FailureError: the file cannot be written.
    """
    from ..adopt.adoption import adoption  # noqa: PLC0415 (only this command needs it)
    from ..adopt.file import write_mapping  # noqa: PLC0415 (as above)
    from ..adopt.state import read_state  # noqa: PLC0415 (as above)

    stack = _stack(arguments.stack)
    if str(arguments.output) == "-":
        raise UserError("--output -: the mapping is a file that stays; --json prints it")
    if not (arguments.project / "Pulumi.yaml").is_file():
        raise UserError(f"{arguments.project} has no Pulumi.yaml: name the project's folder by --project")
    content, source = _content(arguments.state)
    mapping = adoption(read_state(content, source), arguments.given, stack)
    file: Path | None = arguments.output
    if file is None and not arguments.json:
        file = arguments.project / (f"adopt.{stack}.yaml" if stack else "adopt.yaml")
    if file is not None:
        write_mapping(mapping, file)
    for doubt in mapping.doubts:
        remark(f"warning: {doubt}\n")
    answer(
        f"{json.dumps(mapping.as_json(), indent=1)}\n" if arguments.json else _text(mapping, file, arguments)
    )
    return 0


def _stack(given: str | None) -> str:
    # Pulumi's full names are ORGANISATION/PROJECT/STACK; the program knows the last part.
    name = (given or "").rpartition("/")[2]
    if given is not None and not _STACK.fullmatch(name):
        raise UserError(f"--stack {given}: a stack's name has letters, digits, hyphens, underscores and dots")
    return name


def _content(state: str) -> tuple[bytes, str]:
    if state == "-":
        if sys.stdin is None:
            raise UserError("standard input is closed: pipe a state into it, or name its file")
        return sys.stdin.buffer.read(), "standard input"
    try:
        return Path(state).read_bytes(), state
    except OSError as error:
        raise UserError(f"{state} cannot be read: {error.strerror}") from None


def _text(mapping: Mapping, file: Path | None, arguments: argparse.Namespace) -> str:
    counts = f"{counted(len(mapping.adopted), 'resource')} to adopt, {len(mapping.left)} left to Terraform, "
    lines = [f"{counts}{len(mapping.created)} to be made anew: {file}"]
    for each in mapping.adopted:
        lines += [f"  {each.resource}: {note}" for note in each.notes]
    lines += [f"  left: {each.origin}: {each.reason}" for each in mapping.left]
    if file is not None:
        where = f" --stack {arguments.stack}" if arguments.stack else ""
        usual = arguments.stack is not None and arguments.output is None
        setting = file.relative_to(arguments.project) if file.is_relative_to(arguments.project) else file
        lines += [
            "read it, and then, in a stack that has lamina:python and aws:region:",
            # A file of another name is not found by itself once lamina:adopt is taken out.
            *([] if usual else [f"  pulumi config set{where} lamina:names {setting}"]),
            f"  pulumi config set{where} lamina:adopt {setting}",
            f"  pulumi preview{where}",
        ]
    return "".join(f"{line}\n" for line in lines)
