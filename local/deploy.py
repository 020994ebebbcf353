"""The local stack: the embedded AWS, its settings, and the engine that deploys to it."""

from __future__ import annotations

import contextlib
import platform
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from . import cloud
from .engines import with_pulumi, with_stand_in
from .place import check, folder
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
    check(project)
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
    check(project)
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
