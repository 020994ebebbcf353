"""The layer's settings, read from a stack's file without an engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from build.errors import UserError

from .settings import BOOLEANS, CHOICES, LISTS, NAMESPACE, Settings, parse

_LAYER = {*CHOICES, *BOOLEANS, *LISTS, "lock"} - {"alarm_actions"}


def layer_settings(project: Path, stack: str) -> Settings:
    """What a stack's file says of its layer.

    Args:
        project: the folder of Pulumi.yaml.
        stack: the stack's name, with or without its organization.

    Returns:
        The settings, those that are not about the layer as they are by default.

    Raises:
        UserError: there is no such file, it is none that Pulumi writes, or a value in it is wrong.
    """
    path = project / f"Pulumi.{stack.rpartition('/')[2]}.yaml"
    try:
        found = yaml.safe_load(path.read_text("utf-8")) or {}
    except FileNotFoundError:
        there = ", ".join(sorted(each.name for each in project.glob("Pulumi.*.yaml"))) or "no file of a stack"
        raise UserError(f"{path.name} is not in {project.resolve()}; there is {there}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path} is no YAML: {' '.join(str(error).split())}") from error
    config = found.get("config") if isinstance(found, dict) else None
    if not isinstance(config, dict):
        raise UserError(f"{path} has no `config`; `pulumi config set {NAMESPACE}:python` writes it")
    values = {}
    for key, value in config.items():
        namespace, _, name = str(key).partition(":")
        if namespace == NAMESPACE and name in _LAYER:
            if value is None or isinstance(value, dict):
                what = "has no value" if value is None else "is a secret, which only Pulumi can open"
                raise UserError(f"{path}: {key} {what}; the layer needs it in clear")
            values[name] = _text(value)
    return parse(values, functions=())


def layer_options(settings: Settings) -> list[str]:
    """The settings as options of `python -m build layer`, the lock's path left out."""
    options = ["--python", settings.python, "--architecture", settings.architecture]
    for name in ("exclude", "prefer", "require"):
        for each in getattr(settings, name) if name != "require" or settings.verify else ():
            options += [f"--{name}", each]
    options += ["--bytecode"] if settings.bytecode else []
    options += ["--slim"] if settings.slim else []
    return [*options, "--verify"] if settings.verify else options


def _text(value: Any) -> str:
    """A value as Pulumi hands it to a program: lists as JSON, booleans in lower case."""
    return value if isinstance(value, str) else json.dumps(value)
