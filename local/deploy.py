"""The local stack: the embedded AWS, its settings, and the engine that deploys to it."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from . import cloud
from .endpoint import HOST
from .settings import (
    STACK,
    SettingsError,
    forget_settings,
    forget_versions,
    settings_path,
    write_settings,
)

# Where the stand-in engine and the real one keep the stack's state: worthless once the cloud is gone.
_STATES = ("stacks", "pulumi")
# Which Python the embedded AWS was started with.
_PYTHON = "python"
# Notes that an engine has begun to deploy to it.
_DEPLOYED = "deployed"
_CLOUDS = ("cloud.json", _PYTHON, _DEPLOYED, "cloud.log", "cloud.lock")
_PATIENCE_SECONDS = 10
_HOME = Path(__file__).resolve().parent.parent


class DeployError(Exception):
    """A part of the local stack could not be started; the message says which and why."""


def folder(project: Path) -> Path:
    """Where the embedded AWS keeps its files, and the engines the stack's state."""
    return project / ".local"


def isolate() -> None:
    """Takes out of this process' environment whatever would lead an AWS client elsewhere.

    A profile, one service's endpoint or a proxy of the user's does, at worst into a real account.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    direct = ",".join(filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), HOST)))
    os.environ.update(
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        NO_PROXY=direct,
        no_proxy=direct,
    )


def start(project: Path) -> int:
    """Starts the embedded AWS where none runs, and writes the local stack's settings.

    Args:
        project: the folder of Pulumi.yaml.

    Returns:
        0.

    Raises:
        DeployError: the folder holds no project.
        SettingsError: Pulumi.local.yaml cannot be used.
        CloudError: the embedded AWS does not start.
    """
    _check(project)
    home = folder(project)
    running = _started(project)
    _tell(f"embedded AWS: {running.endpoint} (pid {running.pid}, log {_short(home / 'cloud.log', project)})")
    _tell(write_settings(project))
    return 0


def deploy(project: Path) -> int:
    """Starts what `start` does, and deploys the whole stack onto it.

    Args:
        project: the folder of Pulumi.yaml.

    Returns:
        The exit code of the engine.
    """
    start(project)
    (folder(project) / _DEPLOYED).touch()
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        _tell("engine: the stand-in (there is no `pulumi` on the PATH)")
        return with_stand_in(project, ["up", "--stack", STACK, "--yes"])
    _tell(f"engine: {pulumi}")
    return with_pulumi(
        project, pulumi, ["up", "--stack", STACK, "--yes", "--non-interactive", "--skip-preview"]
    )


def teardown(project: Path) -> int:
    """Stops the embedded AWS, and forgets it and what was deployed to it.

    Args:
        project: the folder of Pulumi.yaml.

    Returns:
        0, also where nothing was running.

    Raises:
        DeployError: the folder holds no project.
        CloudError: the embedded AWS is another user's.
    """
    _check(project)
    home = folder(project)
    existed = home.is_dir()
    try:
        cloud.find(home)
    except cloud.CloudDiedError as error:
        _tell(str(error))
    stopped = cloud.stop(home)
    _forget(home, (*_STATES, *_CLOUDS))
    with contextlib.suppress(SettingsError):  # It is kept then, which is told below.
        _tell(forget_versions(project))
    if not forget_settings(project):
        _tell(f"{settings_path(project).name} is kept: it holds settings of your own")
    if stopped:
        _tell("the embedded AWS is stopped, and the local stack is forgotten")
    else:
        _tell("nothing was running" + ("; the local stack is forgotten" if existed else ""))
    return 0


def environment(project: Path) -> dict[str, str]:
    """What a process needs to reach the embedded AWS, for instance the AWS CLI.

    Raises:
        DeployError: it is not running, or the folder holds no project.
    """
    _check(project)
    try:
        running = cloud.find(folder(project))
    except cloud.CloudDiedError as error:
        raise DeployError(f"{error}; `make up` starts it anew") from error
    if running is None:
        raise DeployError("the embedded AWS is not running; start it with `make up`")
    return running.environment()


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


def _started(project: Path) -> cloud.Cloud:
    home = folder(project)
    try:
        running = cloud.find(home)
    except cloud.CloudDiedError as error:
        _tell(f"{error}; what was deployed to it is lost, so this starts clean")
        running = None
    other = _other_python(home) if running else None
    if other:
        _tell(
            f"the embedded AWS runs on Python {other}, and functions on Python {platform.python_version()}: "
            "it is started anew, and what was deployed to it is lost"
        )
        cloud.stop(home)
        running = None
    if running and _state_is_lost(home):
        _tell(
            "what was deployed to the embedded AWS is no longer known, since the stack's state in "
            f"{home.name}/ is gone: it is started anew"
        )
        cloud.stop(home)
        running = None
    if running is None:
        _tell(forget_versions(project))
        _forget(home, (*_STATES, _DEPLOYED))
        running = cloud.start(home)
        (home / _PYTHON).write_text(platform.python_version() + "\n", "utf-8")
    return running


def _state_is_lost(home: Path) -> bool:
    """Whether an engine deployed to the embedded AWS whose state has been removed since."""
    states = (f"stacks/*/{STACK}.json", f"pulumi/.pulumi/stacks/*/{STACK}.json")
    return (home / _DEPLOYED).exists() and not any(any(home.glob(each)) for each in states)


def _other_python(home: Path) -> str | None:
    try:
        python = (home / _PYTHON).read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    return None if python == platform.python_version() else python


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


def _check(project: Path) -> None:
    if not (project / "Pulumi.yaml").is_file():
        raise DeployError(f"there is no Pulumi.yaml in {project}: run this in the project's folder")


def _forget(home: Path, names: Sequence[str]) -> None:
    """Removes parts of `.local/`, and the folder itself once it is empty."""
    if not home.is_dir():
        return
    for path in (home / name for name in names):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        home.rmdir()


def _short(path: Path, project: Path) -> str:
    return str(path.relative_to(project))


def _tell(sentence: str | None) -> None:
    if sentence:
        sys.stderr.write(sentence + "\n")
