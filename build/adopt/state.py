"""A Terraform state, as `terraform show -json` prints it or as the state file has it (version 4).

The two shapes are told by HashiCorp: "JSON Output Format" of Terraform's documentation for the first, whose
format has a version of its own; the second is `internal/states/statefile/version4.go` of its source.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import UserError

_VERSION = 4
_AGAIN = "`terraform show -json` writes one"


@dataclass(frozen=True, slots=True)
class Found:
    """One resource that Terraform manages.

    Attributes:
        address: as Terraform writes it, such as `module.a.aws_sqs_queue.jobs["x.y"]`.
        type: such as `aws_sqs_queue`.
        values: its attributes; they may hold secrets.
        tainted: whether Terraform would replace it, as it could not be made or somebody said so.
        deposed: whether it is what a replacement left behind.
    """

    address: str
    type: str
    values: Mapping[str, Any] = field(repr=False)
    tainted: bool = False
    deposed: bool = False

    def text(self, name: str) -> str:
        """An attribute that is a text, empty where it is none."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def block(self, name: str) -> Mapping[str, Any]:
        """The attributes of a nested block, of the first of several; empty where there is none."""
        value = self.values.get(name)
        first = value[0] if isinstance(value, list) and value else value
        return first if isinstance(first, Mapping) else {}

    def document(self, name: str) -> Mapping[str, Any]:
        """An attribute that is an object as JSON text; empty where it is none."""
        try:
            value = json.loads(self.text(name))
        except ValueError:
            return {}
        return value if isinstance(value, Mapping) else {}


def read_state(content: bytes, source: str) -> list[Found]:
    """Reads the managed resources of a state.

    Args:
        content: of the file.
        source: its name, for messages.

    Returns:
        The resources in the state's order; data sources are left out, as they are only looked up.

    Raises:
        UserError: it is no state, of another version, encrypted, damaged or empty.
    """
    state = _object(content, source)
    if "encrypted_data" in state or "encryption_version" in state:
        raise UserError(
            f"{source} is encrypted; where OpenTofu can read it, `tofu show -json` writes it in clear"
        )
    if "planned_values" in state or "resource_changes" in state:
        raise UserError(
            f"{source} is a plan and no state; `terraform show -json` without a file shows the state"
        )
    try:
        found = list(_shown(state, source) if "format_version" in state else _kept(state, source))
    except (AttributeError, KeyError, TypeError) as error:
        raise UserError(
            f"{source} is a damaged state: {type(error).__name__} at {error}; {_AGAIN} anew"
        ) from None
    if not found:
        raise UserError(f"{source} has no resources: nothing is managed there that could be adopted")
    return found


def _object(content: bytes, source: str) -> dict[str, Any]:
    try:
        state = json.loads(content)
    except ValueError as error:
        what = "empty" if not content.strip() else f"no JSON ({error})"
        raise UserError(f"{source} is no Terraform state: it is {what}; {_AGAIN}") from None
    if not isinstance(state, dict):
        raise UserError(
            f"{source} is no Terraform state: it is a {type(state).__name__} and no object; {_AGAIN}"
        )
    return state


def _shown(state: Mapping[str, Any], source: str) -> Iterator[Found]:
    version = str(state["format_version"])
    if version.partition(".")[0] != "1":
        raise UserError(f"{source} is in the format {version} of `terraform show -json`; known is 1, as 1.0")
    root = (state.get("values") or {}).get("root_module") or {}
    return _module(root)


def _module(module: Mapping[str, Any]) -> Iterator[Found]:
    for each in module.get("resources") or ():
        if each["mode"] == "managed":
            yield Found(
                address=each["address"],
                type=each["type"],
                values=dict(each.get("values") or {}),
                tainted=bool(each.get("tainted")),
                deposed=bool(each.get("deposed_key")),
            )
    for child in module.get("child_modules") or ():
        yield from _module(child)


def _kept(state: Mapping[str, Any], source: str) -> Iterator[Found]:
    version = state.get("version")
    if "resources" not in state and "modules" not in state and "terraform_version" not in state:
        raise UserError(f"{source} is no Terraform state: it names no version of Terraform; {_AGAIN}")
    if version != _VERSION:
        older = isinstance(version, int) and version < _VERSION
        hint = "`terraform refresh` of Terraform 0.12 or newer rewrites it" if older else _AGAIN
        raise UserError(f"{source} is a state of version {version}, and known is {_VERSION}: {hint}")
    return _resources(state)


def _resources(state: Mapping[str, Any]) -> Iterator[Found]:
    for each in state.get("resources") or ():
        if each["mode"] != "managed":
            continue
        module = f"{each['module']}." if each.get("module") else ""
        for instance in each["instances"]:
            yield Found(
                address=f"{module}{each['type']}.{each['name']}{_index(instance.get('index_key'))}",
                type=each["type"],
                values=dict(instance.get("attributes") or {}),
                tainted=instance.get("status") == "tainted",
                deposed=bool(instance.get("deposed")),
            )


def _index(key: object) -> str:
    """The index of an address, as Terraform quotes it (`internal/addrs/instance_key.go`)."""
    if key is None:
        return ""
    if not isinstance(key, str):
        return f"[{key}]"
    quoted = json.dumps(key, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return f"[{quoted}]"
