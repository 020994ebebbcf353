"""What runs against the embedded AWS: the stand-in engine, the real Pulumi CLI, and any other command."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from .place import DeployError, environment, folder
from .settings import STACK

_PATIENCE_SECONDS = 10
_HOME = Path(__file__).resolve().parent.parent


def run(project: Path, command: Sequence[str]) -> int:
    """Runs any command against the embedded AWS.

    Args:
        project: the folder of Pulumi.yaml.
        command: with its arguments.

    Returns:
        Its exit code.

    Raises:
        DeployError: the embedded AWS is not running, or there is no such command.
    """
    path = shutil.which(command[0]) if command else None
    if path is None:
        raise DeployError(
            "`python -m local run` needs a command, such as `python -m local run aws s3 ls`"
            if not command
            else f"there is no command {command[0]}"
        )
    return _waited([path, *command[1:]], cwd=project, env={**os.environ, **environment(project)})


def pulumi_path() -> str:
    """Where the real CLI lies.

    Raises:
        DeployError: it is not on the PATH.
    """
    path = shutil.which("pulumi")
    if path is None:
        raise DeployError(
            "there is no `pulumi` on the PATH; the stand-in's verbs need none: `python -m local --help`"
        )
    return path


def with_stand_in(project: Path, arguments: Sequence[str]) -> int:
    """Runs a verb of the stand-in engine against the embedded AWS.

    Args:
        project: the folder of Pulumi.yaml.
        arguments: as on the command line, the verb first.

    Returns:
        The engine's exit code.
    """
    from .engine import cli as engine  # noqa: PLC0415 - takes half a second, which other commands need not wait

    if not {"-h", "--help"} & set(arguments):
        os.environ.update(environment(project))
    verb, *options = arguments
    return engine.main([verb, "--cwd", str(project), "--state", str(folder(project) / "stacks"), *options])


def with_pulumi(project: Path, pulumi: str, arguments: Sequence[str]) -> int:
    """Runs the real Pulumi CLI over a local backend, with the stand-in provider attached.

    Args:
        project: the folder of Pulumi.yaml.
        pulumi: the path of the CLI.
        arguments: as on its command line, the verb first.

    Returns:
        Its exit code.
    """
    backend = folder(project) / "pulumi"
    variables = {
        **os.environ,
        **environment(project),
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    backend.mkdir(parents=True, exist_ok=True)
    with _provider(project, variables) as port:
        variables["PULUMI_DEBUG_PROVIDERS"] = f"aws:{port}"
        select = [pulumi, "stack", "select", "--create", STACK, "--non-interactive"]
        selected = subprocess.run(
            select, cwd=project, env=variables, capture_output=True, text=True, check=False
        )
        if selected.returncode != 0:
            sys.stderr.write(selected.stderr)
            return selected.returncode
        return _waited([pulumi, *arguments], cwd=project, env=variables)


@contextlib.contextmanager
def _provider(project: Path, variables: Mapping[str, str]) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "local.provider"],
        # Relative paths of assets count from the project's folder.
        cwd=project,
        env={**variables, "PYTHONPATH": str(_HOME)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        line = process.stdout.readline().strip() if process.stdout else ""
        if not line.isdigit():
            raise DeployError(f"the stand-in provider did not start (it said {line!r})")
        yield int(line)
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _waited(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> int:
    """Runs the real CLI to its end, also after a signal: it ends its steps and saves its state first."""
    started: list[subprocess.Popen[bytes]] = []

    def passed_on(number: int, _: FrameType | None) -> None:
        # Ctrl-C reaches pulumi, too; passed on, it would be the second one, which cuts pulumi short.
        if number != signal.SIGINT and started:
            started[0].send_signal(number)

    before = {number: signal.signal(number, passed_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        started.append(subprocess.Popen(command, cwd=cwd, env=env))
        code = started[0].wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code
