"""The command line of the stand-ins: `python -m local deploy|teardown|tick|env`, and the engine's verbs."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from console.parsing import Parser

from . import cloud, deploy, engines, place, tick
from .settings import SettingsError
from .unheard import finishing

ENGINE_VERBS = {
    "up": "stand-in engine: bring a stack to what the program asks for",
    "preview": "stand-in engine: show what `up` would do",
    "refresh": "stand-in engine: make the state what is really there",
    "destroy": "stand-in engine: delete all that a stack holds",
    "output": "stand-in engine: print a stack's outputs",
    "export": "stand-in engine: print a stack's state",
}
# What takes the rest of the command line as it is.
_PASSED_ON: Mapping[str, Callable[[Path, Sequence[str]], int]] = {
    "run": engines.run,
    "pulumi": lambda project, rest: engines.with_pulumi(project, engines.pulumi_path(), rest),
}
# Verbs that change what is there: half of one is worse than one that nobody watches.
_CHANGING = frozenset({"up", "refresh", "destroy"})
_INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Runs one command.

    Args:
        arguments: without the program's name.

    Returns:
        0, or the engine's exit code, or 1 or 2 with one line on stderr, or 130 when it was interrupted.
    """
    place.isolate()
    before = signal.signal(signal.SIGTERM, _interrupted)
    try:
        return _run(Path.cwd(), arguments)
    except (place.DeployError, SettingsError, cloud.CloudError) as error:
        sys.stderr.write(f"error: {error}\n")
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"error: {named}{error.strerror or error}\n")
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        return _INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)
    return 1


def _interrupted(_: int, __: FrameType | None) -> None:
    # As by Ctrl-C: what was started for the time of the run is ended.
    raise KeyboardInterrupt


def _run(project: Path, arguments: Sequence[str]) -> int:
    verb = arguments[0] if arguments else ""
    if verb in _CHANGING:
        with finishing():
            return engines.with_stand_in(project, arguments)
    if verb in ENGINE_VERBS:
        return engines.with_stand_in(project, arguments)
    if verb in _PASSED_ON:
        return _PASSED_ON[verb](project, arguments[1:])
    given = _parser().parse_args(arguments)
    commands: Mapping[str, Callable[[], int]] = {
        "deploy": lambda: _deploy(project),
        "start": lambda: deploy.start(project),
        "tick": lambda: tick.tick(project, rule=given.rule, as_json=given.json),
        "teardown": lambda: deploy.teardown(project),
        "env": lambda: _env(project),
    }
    return commands[given.command]()


def _deploy(project: Path) -> int:
    with finishing():
        return deploy.deploy(project)


def _env(project: Path) -> int:
    for name, value in place.environment(project).items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m local",
        description="The embedded AWS and the stand-in Pulumi engine.",
        epilog="Each verb of the stand-in engine has its own --help.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser(
        "deploy", help="start the embedded AWS and deploy the stack `local` (what `make up` does)"
    )
    commands.add_parser("start", help="start the embedded AWS alone")
    commands.add_parser("teardown", help="stop the embedded AWS and forget the stack (what `make down` does)")
    fires = commands.add_parser(
        "tick", help="fire the schedule, as if its time had come (what `make tick` does)"
    )
    fires.add_argument("--rule", metavar="NAME", help="fire this EventBridge rule alone")
    fires.add_argument("--json", action="store_true", help="print one JSON object")
    commands.add_parser("env", help="print the variables that make any AWS client talk to the embedded AWS")
    commands.add_parser(
        "run", help="run a command that shall talk to the embedded AWS: `python -m local run aws s3 ls`"
    )
    commands.add_parser(
        "pulumi", help="run the real Pulumi CLI on the local stack: `python -m local pulumi preview`"
    )
    for verb, does in ENGINE_VERBS.items():
        commands.add_parser(verb, help=does)
    return parser
