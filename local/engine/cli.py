"""The engine's command line: `up`, `preview`, `refresh`, `destroy`, `output` and `export` of one stack."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from console.parsing import Parser

from .display import Display, in_colour, stderr_line
from .errors import EngineError, ResourceError
from .preview_json import Digest
from .run import Outcome, Stack, stack_outputs
from .storage import exported
from .values import masked, unwrapped

_INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Runs one verb.

    Args:
        arguments: the verb and its options.

    Returns:
        0; 1 after a failure, with the reason on stderr or among the diagnostics; 130 after Ctrl-C.
    """
    given = _parser().parse_args(arguments)
    try:
        stack = Stack(given.cwd, given.state or given.cwd / ".local" / "stacks", given.stack)
        return int(given.run(stack, given))
    except EngineError as error:
        stderr_line(str(error))
    except ResourceError as error:
        stderr_line(f"{error.urn}: {error.message}" if error.urn else error.message)
    except OSError as error:
        stderr_line(f"{error.filename or 'standard output'}: {error.strerror or error}")
    except KeyboardInterrupt:
        stderr_line("interrupted")
        return _INTERRUPTED
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m local", description="The stand-in Pulumi engine.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    common = Parser(add_help=False)
    common.add_argument("--stack", required=True, metavar="NAME", help="the stack")
    common.add_argument("--cwd", type=Path, default=Path(), metavar="DIR", help="the folder of Pulumi.yaml")
    common.add_argument("--state", type=Path, metavar="DIR", help="where states are kept")
    up = verbs.add_parser("up", parents=[common], help="bring the stack to what the program asks for")
    preview = verbs.add_parser("preview", parents=[common], help="show what `up` would do")
    refresh = verbs.add_parser("refresh", parents=[common], help="make the state what is really there")
    destroy = verbs.add_parser("destroy", parents=[common], help="delete all that the stack holds")
    output = verbs.add_parser("output", parents=[common], help="print the stack's outputs")
    output.add_argument("name", nargs="?", metavar="OUTPUT", help="this one alone, as it is")
    export = verbs.add_parser(
        "export", parents=[common], help="print the state as `pulumi stack export` does"
    )
    for verb in (up, refresh, destroy):
        verb.add_argument("--yes", "-y", action="store_true", help="do not ask")
    for verb in (up, preview, refresh, destroy):
        verb.add_argument("--diff", action="store_true", help="show properties")
    refresh.add_argument(
        "--clear-pending-creates", action="store_true", help="forget creates that were interrupted"
    )
    for verb in (preview, output):
        verb.add_argument("--json", "-j", action="store_true", help="print one JSON object")
    for verb in (output, export):
        verb.add_argument("--show-secrets", action="store_true", help="print secrets in clear")
    runs = {
        up: _up,
        preview: _preview,
        refresh: _refresh,
        destroy: _destroy,
        output: _output,
        export: _export,
    }
    for verb, run in runs.items():
        verb.set_defaults(run=run)
    return parser


def _up(stack: Stack, given: argparse.Namespace) -> int:
    _confirm("perform this update", given)
    display = _display(given, "Updating", stack.name)
    return _shown(display, _interruptible(stack, lambda: stack.update(display.tell, preview=False)))


def _preview(stack: Stack, given: argparse.Namespace) -> int:
    if given.json:
        digest = Digest(stack.settings)
        outcome = _interruptible(stack, lambda: stack.update(digest.tell, preview=True))
        sys.stdout.write(json.dumps(digest.as_json(outcome), indent=2) + "\n")
        return 0 if outcome.succeeded else 1
    display = _display(given, "Previewing update", stack.name, preview=True)
    return _shown(display, _interruptible(stack, lambda: stack.update(display.tell, preview=True)))


def _refresh(stack: Stack, given: argparse.Namespace) -> int:
    _confirm("refresh the state", given)
    display = _display(given, "Refreshing", stack.name)
    clear = given.clear_pending_creates
    return _shown(display, _interruptible(stack, lambda: stack.refresh(display.tell, clear_creates=clear)))


def _destroy(stack: Stack, given: argparse.Namespace) -> int:
    _confirm("destroy the stack", given)
    display = _display(given, "Destroying", stack.name)
    return _shown(display, _interruptible(stack, lambda: stack.destroy(display.tell)))


def _output(stack: Stack, given: argparse.Namespace) -> int:
    snapshot, _ = stack.storage.load(stack.settings.salt)
    outputs = stack_outputs(snapshot)
    shown = unwrapped(outputs) if given.show_secrets else masked(outputs)
    if given.name is not None:
        if given.name not in shown:
            there = ", ".join(sorted(shown)) or "none"
            raise EngineError(f"the stack {stack.name} has no output {given.name}; it has {there}")
        shown = shown[given.name]
    if given.json:
        sys.stdout.write(json.dumps(shown, indent=2) + "\n")
    elif given.name is not None:
        sys.stdout.write(f"{_text(shown)}\n")
    else:
        width = max((len(name) for name in shown), default=0)
        for name, value in sorted(shown.items()):
            sys.stdout.write(f"{name:<{width}}  {_text(value)}\n")
    return 0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _export(stack: Stack, given: argparse.Namespace) -> int:
    snapshot, crypter = stack.storage.load(stack.settings.salt)
    deployment = exported(snapshot, crypter, in_clear=given.show_secrets)
    sys.stdout.write(json.dumps(deployment, indent=4) + "\n")
    return 0


def _confirm(what: str, given: argparse.Namespace) -> None:
    if given.yes:
        return
    if not sys.stdin.isatty():
        raise EngineError("--yes must be passed where nobody can be asked")
    sys.stderr.write(f"Do you want to {what}? [yes/no] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise EngineError("confirmation declined; nothing was changed")


def _display(given: argparse.Namespace, words: str, stack: str, *, preview: bool = False) -> Display:
    colour = in_colour(sys.stdout, dict(os.environ))
    display = Display(sys.stdout, preview=preview, diff=given.diff, colour=colour)
    display.heading(words, stack)
    return display


def _shown(display: Display, outcome: Outcome) -> int:
    display.finish(outcome)
    return 0 if outcome.succeeded else 1


def _interruptible(stack: Stack, run: Callable[[], Outcome]) -> Outcome:
    """Runs; the first Ctrl-C ends the run after the steps under way, the second at once."""

    def interrupted(_: int, __: FrameType | None) -> None:
        sys.stderr.write("\nending the steps under way; interrupt again to end at once\n")
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stack.interrupt()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        return run()
    finally:
        signal.signal(signal.SIGINT, before)
