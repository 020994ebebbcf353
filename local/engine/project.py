"""The project and its settings: Pulumi.yaml and Pulumi.<stack>.yaml."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .crypt import Crypter
from .errors import EngineError


@dataclass(frozen=True, slots=True)
class Project:
    """What Pulumi.yaml says, as far as it matters here.

    Attributes:
        folder: where it lies.
        name: the project's.
        program: the folder of `__main__.py`.
        refresh: whether each run begins with a refresh (`options: refresh: always`).
    """

    folder: Path
    name: str
    program: Path
    refresh: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """A stack's settings.

    Attributes:
        values: key with its namespace to text; what is no text is JSON.
        secret_keys: the keys whose values are secret.
        salt: for secrets, if the file has one.
    """

    values: Mapping[str, str]
    secret_keys: tuple[str, ...]
    salt: str | None

    def of(self, package: str) -> dict[str, str]:
        """The settings of a provider, such as `region` of `aws:region`."""
        prefix = f"{package}:"
        return {
            key.removeprefix(prefix): value for key, value in self.values.items() if key.startswith(prefix)
        }


def read_project(folder: Path) -> Project:
    """Reads Pulumi.yaml.

    Raises:
        EngineError: it is missing, or is none of a Python program.
    """
    content = _mapping(folder / "Pulumi.yaml")
    name, runtime = content.get("name"), content.get("runtime")
    language = runtime.get("name") if isinstance(runtime, dict) else runtime
    if not isinstance(name, str) or language != "python":
        raise EngineError(f"{folder / 'Pulumi.yaml'} must have a name and the runtime python")
    options = content.get("options") or {}
    return Project(
        folder=folder,
        name=name,
        program=folder / str(content.get("main") or ""),
        refresh=options.get("refresh") == "always",
    )


def read_settings(project: Project, stack: str) -> Settings:
    """Reads Pulumi.<stack>.yaml; without such a file there are no settings.

    Raises:
        EngineError: it is not as Pulumi writes it, or a secret in it cannot be opened.
    """
    path = project.folder / f"Pulumi.{stack}.yaml"
    content = _mapping(path) if path.exists() else {}
    config = content.get("config") or {}
    if not isinstance(config, dict):
        raise EngineError(f"{path}: `config` must be a mapping of settings")
    crypter = Crypter(content.get("encryptionsalt"))
    values: dict[str, str] = {}
    secret_keys = []
    for key, value in config.items():
        full = key if ":" in key else f"{project.name}:{key}"
        if isinstance(value, dict) and set(value) == {"secure"}:
            values[full] = crypter.decrypt(value["secure"])
            secret_keys.append(full)
        else:
            values[full] = _text(value)
    return Settings(values, tuple(secret_keys), content.get("encryptionsalt"))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _mapping(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise EngineError(f"there is no {path}; run this in the folder of a Pulumi project") from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise EngineError(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise EngineError(f"{path} must be a mapping")
    return content
