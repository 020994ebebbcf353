"""The command line: `python -m release history|status|rollback|pin|unpin|canary|promote|abort`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from console.parsing import Parser

from . import commands, reports
from .cloud import Cloud
from .commands import Report
from .errors import ReleaseError
from .stack import Stack, read_stack

_INTERRUPTED = 130
_HELP = {
    "history": "the releases that passed all their smoke tests, the newest first",
    "status": "what is live, pinned, and the newest that passed",
    "rollback": "move all traffic to what was live before, and pin it there",
    "pin": "pin every function to what is live of it",
    "unpin": "take out all pins; the next `up` moves to the newest versions",
    "canary": "pin what is live, and let the next `up` send a share to the newest versions",
    "promote": "take out canary and pins; the next `up` moves all traffic to the newest versions",
    "abort": "end the canary at once; the pins stay",
}
_DRY = ("rollback", "abort")


def main(arguments: Sequence[str]) -> int:
    """Runs one command.

    Args:
        arguments: without the program's name.

    Returns:
        0 when all is done, 1 when something failed, 2 for what cannot be meant, 130 when interrupted.
    """
    options = _parser().parse_args(arguments)
    before = signal.signal(signal.SIGTERM, _interrupted)
    try:
        stack = read_stack(options.project, options.stack)
        report = _COMMANDS[options.command](stack, options)
    except ReleaseError as error:
        return _failed(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _failed("interrupted", _INTERRUPTED)
    finally:
        signal.signal(signal.SIGTERM, before)
    return _told(report, as_json=options.json)


def _told(report: Report, *, as_json: bool) -> int:
    text = json.dumps(report.answer, indent=2, sort_keys=True) if as_json else "\n".join(report.lines)
    try:
        print(text, flush=True)
    except BrokenPipeError:
        return 1
    for note in report.notes:
        sys.stderr.write(f"note: {note}\n")
    return _failed(report.failure, 1) if report.failure else 0


def _failed(message: str, code: int) -> int:
    sys.stderr.write(f"error: {' '.join(message.split())}\n")
    return code


def _interrupted(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


_COMMANDS: Mapping[str, Callable[[Stack, argparse.Namespace], Report]] = {
    "history": lambda stack, options: reports.history(stack, Cloud(stack), limit=options.limit),
    "status": lambda stack, _: reports.status(stack, Cloud(stack)),
    "rollback": lambda stack, options: commands.rollback(
        stack, Cloud(stack), function=options.function, to=options.to, dry_run=options.dry_run
    ),
    "pin": lambda stack, _: commands.pin(stack, Cloud(stack)),
    "unpin": lambda stack, _: commands.unpin(stack),
    "canary": lambda stack, options: commands.canary(stack, Cloud(stack), percent=options.percent),
    "promote": lambda stack, _: commands.promote(stack),
    "abort": lambda stack, options: commands.abort(stack, Cloud(stack), dry_run=options.dry_run),
}


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m release",
        description="Rollbacks, pins and canaries, in seconds: neither builds nor runs the program.",
        epilog="Exit codes: 0 done, 1 failed, 2 what was asked for cannot be meant.",
    )
    verbs = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, does in _HELP.items():
        verb = verbs.add_parser(name, help=does, description=does)
        verb.add_argument("--stack", "-s", required=True, help="the stack's name, such as staging")
        verb.add_argument("--project", type=Path, default=Path(), metavar="DIR", help="of Pulumi.yaml")
        verb.add_argument("--json", action="store_true", help="print the answer as JSON")
        if name in _DRY:
            verb.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    history, rollback, canary = (verbs.choices[name] for name in ("history", "rollback", "canary"))
    history.add_argument("--limit", type=_count, default=reports.SHOWN, help="how many (%(default)s)")
    rollback.add_argument("--function", help="move this one alone")
    rollback.add_argument("--to", help="a release as `history` shows it, or a version of --function")
    canary.add_argument("--percent", type=int, required=True, help="the newest versions' share, 1 to 99")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("it is a number from 1 up")
    return int(text)
