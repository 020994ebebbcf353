"""Runs a Pulumi YAML program as far as the example needs it: `program.yaml`, in the folder it is run in.

Pulumi's language host for YAML is a download of its own. What a program in YAML may say, and what it means,
is in Pulumi's documentation ("Pulumi YAML"): variables, resources, `${...}` references, `fn::toJSON`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pulumi
import yaml

_REFERENCE = re.compile(r"\$\{([^}]+)\}")
SCHEMA = Path(__file__).resolve().parents[2] / "plugin/schema.json"


class Remote(pulumi.ComponentResource):
    """A component of the package, which its provider makes."""

    def __init__(self, kind: str, name: str, inputs: dict[str, Any], outputs: list[str]) -> None:
        super().__init__(kind, name, {**dict.fromkeys(outputs), **inputs}, None, remote=True)


class Program:
    """A program and what it has made so far."""

    def __init__(self, text: str, schema: dict[str, Any]) -> None:
        self._content = yaml.safe_load(text)
        self._schema = schema
        self._known: dict[str, Any] = {"pulumi": {"cwd": str(Path.cwd())}}

    def run(self) -> None:
        self._known |= self._content["variables"]
        for name, resource in self._content["resources"].items():
            outputs = sorted(self._schema["resources"][resource["type"]]["properties"])
            self._known[name] = Remote(resource["type"], name, self._value(resource["properties"]), outputs)
        for name, value in self._content["outputs"].items():
            pulumi.export(name, self._value(value))

    def _value(self, node: Any) -> Any:
        if isinstance(node, dict) and "fn::toJSON" in node:
            return pulumi.Output.json_dumps(self._value(node["fn::toJSON"]))
        if isinstance(node, dict):
            return {key: self._value(each) for key, each in node.items()}
        if isinstance(node, list):
            return [self._value(each) for each in node]
        return self._text(node) if isinstance(node, str) else node

    def _text(self, text: str) -> Any:
        whole = _REFERENCE.fullmatch(text)
        if whole:
            return self._found(whole[1])
        parts = _REFERENCE.split(text)
        if len(parts) == 1:
            return text
        return pulumi.Output.concat(
            *(self._found(part) if index % 2 else part for index, part in enumerate(parts))
        )

    def _found(self, path: str) -> Any:
        first, *names = path.split(".")
        value = self._known[first]
        for name in names:
            value = getattr(value, name) if isinstance(value, Remote) else value[name]
        return value


def main() -> None:
    """Runs the program of the current folder."""
    Program(Path("program.yaml").read_text("utf-8"), json.loads(SCHEMA.read_text("utf-8"))).run()
