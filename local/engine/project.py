"""The project and its settings: Pulumi.yaml and Pulumi.<stack>.yaml."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .crypt import Crypter
from .errors import EngineError
from .values import MASK, Properties, secret

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Project:
    """What Pulumi.yaml says, as far as it matters here.

    Attributes:
        folder: where it lies.
        name: the project's.
        program: the folder of `__main__.py`.
        refresh: whether each run begins with a refresh (`options: refresh: always`).
        packages: where each package of components comes from (`packages`).
    """

    folder: Path
    name: str
    program: Path
    refresh: bool
    packages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Settings:
    """A stack's settings.

    Attributes:
        values: key with its namespace to text; what is no text is JSON.
        secret_keys: the keys whose values are secret.
        secrets: the texts that are secret, longest first; those of nested settings, too.
        salt: for secrets, if the file has one.
    """

    values: Mapping[str, str]
    secret_keys: tuple[str, ...]
    secrets: tuple[str, ...]
    salt: str | None

    def of(self, package: str) -> Properties:
        """The settings of a provider, such as `region` of `aws:region`, with their secrets as such."""
        prefix = f"{package}:"
        return {
            key.removeprefix(prefix): secret(value) if key in self.secret_keys else value
            for key, value in self.values.items()
            if key.startswith(prefix)
        }

    def masked(self, text: str) -> str:
        """A text as people may see it; what is too short to hide anything stays, as in the real CLI."""
        for each in self.secrets:
            text = text.replace(each, MASK)
        return text


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
    check_name("project", name)
    options = content.get("options") or {}
    packages = content.get("packages") or {}
    return Project(
        folder=folder,
        name=name,
        program=folder / str(content.get("main") or ""),
        refresh=options.get("refresh") == "always",
        packages={str(package): _source(given) for package, given in packages.items()},
    )


def _source(given: Any) -> str:
    """Where a package comes from (`PackageSpec` in sdk/go/common/workspace/project.go)."""
    return str(given.get("source", "") if isinstance(given, dict) else given)


def check_name(kind: str, name: str) -> None:
    """Refuses what is no name of a project or stack (`ParseStackName` in pulumi's tokens/stack_name.go).

    Raises:
        EngineError: it is none.
    """
    if not _NAME.fullmatch(name):
        raise EngineError(
            f"{name!r} is no name of a {kind}: 1 to 100 letters, digits, hyphens, underscores and periods"
        )


def read_settings(project: Project, stack: str) -> Settings:
    """Reads Pulumi.<stack>.yaml; without such a file there are no settings.

    Raises:
        EngineError: the name is none, the file is not as Pulumi writes it, or a secret cannot be opened.
    """
    check_name("stack", stack)
    path = project.folder / f"Pulumi.{stack}.yaml"
    content = _mapping(path) if path.exists() else {}
    config = content.get("config") or {}
    if not isinstance(config, dict):
        raise EngineError(f"{path}: `config` must be a mapping of settings")
    crypter = Crypter(content.get("encryptionsalt"))
    values: dict[str, str] = {}
    secret_keys: list[str] = []
    secrets: list[str] = []
    for key, value in config.items():
        full = key if ":" in key else f"{project.name}:{key}"
        found: list[str] = []
        values[full] = _text(_opened(value, crypter, found))
        if found:
            secret_keys.append(full)
            secrets += found
    hidden = sorted({each for each in secrets if len(each) >= _SHORTEST}, key=len, reverse=True)
    return Settings(values, tuple(secret_keys), tuple(hidden), content.get("encryptionsalt"))


def _opened(value: Any, crypter: Crypter, found: list[str]) -> Any:
    """The value with its secrets decrypted, also within objects and lists; they are added to `found`."""
    if isinstance(value, dict) and set(value) == {"secure"}:
        found.append(crypter.decrypt(value["secure"]))
        return found[-1]
    if isinstance(value, dict):
        return {key: _opened(each, crypter, found) for key, each in value.items()}
    return [_opened(each, crypter, found) for each in value] if isinstance(value, list) else value


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
