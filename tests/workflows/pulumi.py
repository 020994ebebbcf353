"""`pulumi` as the workflows call it, by the stand-in engine."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.world.processes import ROOT, popen


def main(arguments: Sequence[str]) -> int:
    """Runs the engine's verb for a command of the CLI; refuses what the workflows do not say."""
    given = list(arguments)
    if given[:2] == ["stack", "output"]:
        given = given[1:]
    parser = argparse.ArgumentParser(prog="pulumi", allow_abbrev=False)
    parser.add_argument("verb", choices=["preview", "up", "output"])
    parser.add_argument("--stack", required=True)
    for flag in ("--json", "--yes", "--non-interactive"):
        parser.add_argument(flag, action="store_true")
    found = parser.parse_args(given)
    if found.verb != "output" and not found.non_interactive:
        parser.error("it would ask a person")
    options = ["--json"] if found.json else []
    options += ["--yes"] if found.yes else []
    command = [sys.executable, "-m", "tests.world.engine", found.verb, "--stack", found.stack, *options]
    # As the CLI: the state is where the backend's address says.
    state = os.environ["PULUMI_BACKEND_URL"].removeprefix("file://")
    return popen(
        [*command, "--cwd", str(Path.cwd()), "--state", state],
        cwd=ROOT,
        env=os.environ,
        stdin=sys.stdin,
        stdout=sys.stdout,
        stderr=sys.stderr,
    ).wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
