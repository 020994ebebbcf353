"""Where the local stack lies: its folder, and the variables that lead there and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

from . import cloud
from .endpoint import HOST


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


def check(project: Path) -> None:
    """Refuses a folder that holds no project.

    Raises:
        DeployError: there is no Pulumi.yaml in it.
    """
    if not (project / "Pulumi.yaml").is_file():
        raise DeployError(f"there is no Pulumi.yaml in {project}: run this in the project's folder")


def environment(project: Path) -> dict[str, str]:
    """What a process needs to reach the embedded AWS, for instance the AWS CLI.

    Raises:
        DeployError: it is not running, or the folder holds no project.
    """
    check(project)
    try:
        running = cloud.find(folder(project))
    except cloud.CloudDiedError as error:
        raise DeployError(f"{error}; `make up` starts it anew") from error
    if running is None:
        raise DeployError("the embedded AWS is not running; start it with `make up`")
    return running.environment()
