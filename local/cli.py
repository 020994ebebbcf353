"""The command line of the stand-ins: deploy, teardown, env, pulumi, and the stand-in engine's verbs."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from . import cloud, deploy
from .settings import SettingsError

ENGINE_VERBS = ("up", "preview", "refresh", "destroy", "output", "export")


def main(arguments: Sequence[str]) -> int:
    """Runs one command.

    Args:
        arguments: without the program's name.

    Returns:
        0, or the engine's exit code, or 1 with one line on stderr.
    """
    project = Path.cwd()
    try:
        if arguments and arguments[0] in ENGINE_VERBS:
            return deploy.with_stand_in(project, arguments)
        if arguments and arguments[0] == "pulumi":
            return deploy.with_pulumi(project, deploy.pulumi_path(), arguments[1:])
        return _own(project, arguments)
    except (deploy.DeployError, SettingsError, cloud.CloudError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        return 130


def _own(project: Path, arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="The embedded AWS and the stand-in Pulumi engine.",
        epilog=f"verbs of the stand-in engine, each with its own --help: {', '.join(ENGINE_VERBS)}",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "deploy", help="start the embedded AWS and deploy the stack `local` (what `make up` does)"
    )
    commands.add_parser("start", help="start the embedded AWS alone")
    commands.add_parser("teardown", help="stop the embedded AWS and forget the stack (what `make down` does)")
    commands.add_parser(
        "pulumi", help="run the real Pulumi CLI on the local stack: `python -m local pulumi preview`"
    )
    commands.add_parser("env", help="print the variables that make any AWS client talk to the embedded AWS")
    command = parser.parse_args(arguments).command
    if command == "deploy":
        return deploy.deploy(project)
    if command == "start":
        deploy.start(project)
        return 0
    if command == "teardown":
        return deploy.teardown(project)
    for name, value in deploy.environment(project).items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
    return 0
