"""The local stack's settings file, Pulumi.local.yaml: written for the interpreter that runs the stand-ins."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import Any

import yaml

STACK = "local"
REGION = "us-west-2"

_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_WRITTEN = frozenset({"lamina:python", "lamina:architecture"})
# What `pulumi stack select` adds, for secrets of a stack that is gone with its state.
_PULUMIS = frozenset({"encryptionsalt"})
# What names versions of functions. They end with the embedded AWS, and a pin to one that is gone fails a run.
_PIN, _CANARY = "lamina:pin.", "lamina:canary"
_HEADER = "# Written by `make up` for the Python of this machine; your own settings in it are kept.\n"


class SettingsError(Exception):
    """Pulumi.local.yaml cannot be used, or this machine cannot run Lambda functions."""


def settings_path(project: Path) -> Path:
    """Where the settings of the local stack lie."""
    return project / f"Pulumi.{STACK}.yaml"


def write_settings(project: Path) -> str | None:
    """Makes the local stack target the interpreter that runs this, since functions run in it for real.

    Args:
        project: the folder of Pulumi.yaml.

    Returns:
        A sentence for the user where the file was made or changed, else None.

    Raises:
        SettingsError: the file is no YAML as Pulumi has it, or Lambda has no such processor as this machine.
    """
    path = settings_path(project)
    content = _read(path)
    config = content["config"]
    wanted = {
        "aws:region": config.get("aws:region", REGION),
        "lamina:python": _python(),
        "lamina:architecture": _architecture(),
    }
    changed = {key: value for key, value in wanted.items() if config.get(key) != value}
    if not changed:
        return None
    config.update(wanted)
    _write(path, content)
    return f"{path.name}: " + ", ".join(f"{key} is {value}" for key, value in changed.items())


def forget_versions(project: Path) -> str | None:
    """Takes out pins and a canary: with the embedded AWS, the versions end that they are of.

    Args:
        project: the folder of Pulumi.yaml.

    Returns:
        A sentence for the user where there were any, else None.

    Raises:
        SettingsError: the file is no YAML as Pulumi has it.
    """
    path = settings_path(project)
    content = _read(path)
    config = content["config"]
    gone = sorted(key for key in map(str, config) if key.startswith(_PIN) or key == _CANARY)
    if not gone:
        return None
    for key in gone:
        del config[key]
    _write(path, content)
    return f"{path.name}: {', '.join(gone)} {'is' if len(gone) == 1 else 'are'} taken out, with what is gone"


def forget_settings(project: Path) -> bool:
    """Removes the file, unless there is more in it than `write_settings` and Pulumi put there.

    Args:
        project: the folder of Pulumi.yaml.

    Returns:
        Whether the file is gone, or never was.
    """
    path = settings_path(project)
    try:
        content = _read(path)
    except SettingsError:
        return False
    config = content.pop("config")
    own = {key for key, value in config.items() if (key, value) != ("aws:region", REGION)} - _WRITTEN
    if own or content.keys() - _PULUMIS:
        return False
    path.unlink(missing_ok=True)
    return True


def _read(path: Path) -> dict[str, Any]:
    """Reads the file; there always is a `config`."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        content = None
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise SettingsError(f"{path.name} cannot be read: {reason}; mend it or delete it") from error
    content = {} if content is None else content
    if not isinstance(content, dict):
        raise SettingsError(f"{path.name} must be a mapping with a `config`; mend it or delete it")
    config = {} if content.get("config") is None else content["config"]
    if not isinstance(config, dict):
        raise SettingsError(f"{path.name}: `config` must be a mapping of settings; mend it or delete it")
    return {**content, "config": config}


def _write(path: Path, content: dict[str, Any]) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(_HEADER + yaml.safe_dump(content, sort_keys=True), "utf-8")
    temporary.replace(path)


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _architecture() -> str:
    machine = platform.machine().lower()
    if machine not in _ARCHITECTURES:
        raise SettingsError(f"Lambda has no functions for this machine's processor ({machine})")
    return _ARCHITECTURES[machine]
