"""The local stack: the embedded AWS, its settings, and the engine that deploys to it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from . import cloud
from .engine import cli as engine
from .settings import STACK, settings_path, write_settings

# Where the stand-in engine and the real one keep the stack's state: worthless once the cloud is gone.
_STATES = ("stacks", "pulumi")
_HOME = Path(__file__).resolve().parent.parent


class DeployError(Exception):
    """A part of the local stack could not be started; the message says which and why."""


def folder(project: Path) -> Path:
    """Where the embedded AWS keeps its files, and the engines the stack's state."""
    return project / ".local"


def start(project: Path) -> None:
    """Starts the embedded AWS where none runs, and writes the local stack's settings."""
    home = folder(project)
    running = _started(home)
    _tell(f"embedded AWS: {running.endpoint} (pid {running.pid}, log {_short(home / 'cloud.log', project)})")
    changed = write_settings(project)
    if changed:
        _tell(changed)


def deploy(project: Path) -> int:
    """Starts what `start` does, and deploys the whole stack onto it.

    Args:
        project: the folder of Pulumi.yaml.

    Returns:
        The exit code of the engine.
    """
    start(project)
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        _tell("engine: the stand-in (there is no `pulumi` on the PATH)")
        return with_stand_in(project, ["up", "--stack", STACK, "--yes"])
    _tell(f"engine: {pulumi}")
    return with_pulumi(
        project, pulumi, ["up", "--stack", STACK, "--yes", "--non-interactive", "--skip-preview"]
    )


def teardown(project: Path) -> int:
    """Stops the embedded AWS, and forgets it and what was deployed to it."""
    home = folder(project)
    stopped = cloud.stop(home)
    shutil.rmtree(home, ignore_errors=True)
    settings_path(project).unlink(missing_ok=True)
    _tell(
        "the embedded AWS is stopped, and the local stack is forgotten" if stopped else "nothing was running"
    )
    return 0


def environment(project: Path) -> dict[str, str]:
    """What a process needs to reach the embedded AWS, for instance the AWS CLI.

    Raises:
        DeployError: it is not running.
    """
    running = cloud.find(folder(project))
    if running is None:
        raise DeployError("the embedded AWS is not running; start it with `make up`")
    return running.environment()


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
    os.environ.update(environment(project))
    return engine.main([*arguments, "--cwd", str(project), "--state", str(folder(project) / "stacks")])


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
    backend.mkdir(parents=True, exist_ok=True)
    variables = {
        **os.environ,
        **environment(project),
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    with _provider(project, variables) as port:
        variables["PULUMI_DEBUG_PROVIDERS"] = f"aws:{port}"
        select = [pulumi, "stack", "select", "--create", STACK, "--non-interactive"]
        selected = subprocess.run(
            select, cwd=project, env=variables, capture_output=True, text=True, check=False
        )
        if selected.returncode != 0:
            sys.stderr.write(selected.stderr)
            return selected.returncode
        return _waited(subprocess.Popen([pulumi, *arguments], cwd=project, env=variables))


def _started(home: Path) -> cloud.Cloud:
    try:
        running = cloud.find(home)
    except cloud.CloudDiedError as error:
        _tell(f"{error}; what was deployed to it is lost, so this starts clean")
        running = None
    if running is None:
        for state in _STATES:
            shutil.rmtree(home / state, ignore_errors=True)
        running = cloud.start(home)
    return running


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
        process.wait()
        if process.stdout:
            process.stdout.close()


def _waited(process: subprocess.Popen[bytes]) -> int:
    # Ctrl-C reaches pulumi by itself, which then ends its steps and saves; leaving before it would hide that.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def _short(path: Path, project: Path) -> str:
    return str(path.relative_to(project))


def _tell(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
