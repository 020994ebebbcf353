"""The stack: its project's name, its region, and what its settings file says about pins and canaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .errors import UserError

NAMESPACE = "lamina:"
CANARY = f"{NAMESPACE}canary"
PIN = f"{NAMESPACE}pin."
# The settings that name mappings, and what those call a function.
MAPPINGS = (f"{NAMESPACE}adopt", f"{NAMESPACE}names")
_FUNCTION = "PythonFunction/Function/"


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack of a project.

    Attributes:
        project: the project's name.
        name: the stack's own name, without its organization.
        settings: the path of its settings file.
        config: what stands there under `config`, by key with namespace.
        adopted: the names in AWS of functions that were taken over and kept them.
    """

    project: str
    name: str
    settings: Path
    config: Mapping[str, Any]
    adopted: frozenset[str] = frozenset()

    @property
    def tag(self) -> str:
        """What the tag `lamina:stack` of its functions says."""
        return f"{self.project}/{self.name}"

    @property
    def region(self) -> str | None:
        """The region it is deployed to; where the file has none, AWS' own settings say."""
        return self._text("aws:region")

    @property
    def profile(self) -> str | None:
        """The AWS profile it is deployed with, where the file names one."""
        return self._text("aws:profile")

    @property
    def pins(self) -> dict[str, str]:
        """The pinned version of each pinned function."""
        return {
            key.removeprefix(PIN): str(value) for key, value in self.config.items() if key.startswith(PIN)
        }

    @property
    def canary(self) -> str | None:
        """The canary's share in percent, where there is one."""
        return str(self.config[CANARY]) if CANARY in self.config else None

    def _text(self, key: str) -> str | None:
        value = self.config.get(key)
        return value if isinstance(value, str) else None


def read_stack(folder: Path, name: str) -> Stack:
    """Reads a stack's settings.

    Args:
        folder: the Pulumi project's.
        name: the stack's, with or without `<organization>/` (and `<project>/`) before it.

    Raises:
        UserError: there is no such project or stack, or a file is not as Pulumi has it.
    """
    short = name.rpartition("/")[2]
    project_file = folder / "Pulumi.yaml"
    if not project_file.is_file():
        raise UserError(f"there is no Pulumi.yaml in {folder}: run this in the project's folder")
    project = mapping_of(project_file).get("name")
    if not isinstance(project, str) or not project:
        raise UserError("Pulumi.yaml names no project; it needs a `name`")
    settings = folder / f"Pulumi.{short}.yaml"
    if not settings.is_file():
        files = sorted(path.name for path in folder.glob("Pulumi.*.yaml"))
        known = [each.removeprefix("Pulumi.").removesuffix(".yaml") for each in files]
        raise UserError(f"there is no {settings.name}; stacks with settings are {', '.join(known) or 'none'}")
    config = mapping_of(settings).get("config") or {}
    if not isinstance(config, dict):
        raise UserError(f"{settings.name}: `config` must be a mapping of settings")
    named = {_full(project, str(key)): value for key, value in config.items()}
    return Stack(project, short, settings, named, _adopted(folder, short, named))


def _adopted(folder: Path, stack: str, config: Mapping[str, Any]) -> frozenset[str]:
    """The functions that mappings of `python -m build adopt` name; the program looks for these files, too.

    Raises:
        UserError: one of them cannot be read.
    """
    files = {str(config[key]) for key in MAPPINGS if key in config} | {f"adopt.{stack}.yaml"}
    found: set[str] = set()
    for path in (folder / file for file in files):
        entries = mapping_of(path).get("adopted") if path.is_file() else None
        for each in entries if isinstance(entries, list) else ():
            if isinstance(each, dict) and str(each.get("resource")).startswith(_FUNCTION):
                found.add(str(each.get("name")))
    return frozenset(found)


def mapping_of(path: Path) -> dict[str, Any]:
    """What a YAML file holds; an empty one holds nothing.

    Raises:
        UserError: it cannot be read, or holds no mapping.
    """
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise UserError(f"{path.name} cannot be read: {' '.join(str(error).split())}") from error
    content = {} if content is None else content
    if not isinstance(content, dict):
        raise UserError(f"{path.name} must be a mapping")
    return content


def _full(project: str, key: str) -> str:
    # Pulumi takes a key without a namespace as the project's own.
    return key if ":" in key else f"{project}:{key}"
