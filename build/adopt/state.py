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
from .fields import UnlikeStateError, kind, mapping, mappings, text

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
        except (ValueError, RecursionError):
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
    except UnlikeStateError as error:
        raise UserError(f"{source} is a damaged state: {error}; {_AGAIN} anew") from None
    except RecursionError:
        raise _too_deep(source) from None
    if not found:
        raise UserError(f"{source} has no resources: nothing is managed there that could be adopted")
    return found


def _object(content: bytes, source: str) -> dict[str, Any]:
    try:
        state = json.loads(content)
    except ValueError as error:
        what = "empty" if not content.strip() else f"no JSON ({error})"
        raise UserError(f"{source} is no Terraform state: it is {what}; {_AGAIN}") from None
    except RecursionError:
        raise _too_deep(source) from None
    if not isinstance(state, dict):
        raise UserError(f"{source} is no Terraform state: it is {kind(state)} and no object; {_AGAIN}")
    return state


def _too_deep(source: str) -> UserError:
    return UserError(f"{source} is no Terraform state: it nests deeper than any; {_AGAIN}")


def _shown(state: Mapping[str, Any], source: str) -> Iterator[Found]:
    version = text(state, "format_version")
    if version.partition(".")[0] != "1":
        raise UserError(f"{source} is in the format {version} of `terraform show -json`; known is 1, as 1.0")
    return _module(mapping(mapping(state, "values"), "root_module"))


def _module(module: Mapping[str, Any]) -> Iterator[Found]:
    for each in mappings(module, "resources"):
        if text(each, "mode") == "managed":
            yield Found(
                address=text(each, "address"),
                type=text(each, "type"),
                values=mapping(each, "values"),
                tainted=bool(each.get("tainted")),
                deposed=bool(each.get("deposed_key")),
            )
    for child in mappings(module, "child_modules"):
        yield from _module(child)


def _kept(state: Mapping[str, Any], source: str) -> Iterator[Found]:
    version = state.get("version")
    if "resources" not in state and "modules" not in state and "terraform_version" not in state:
        raise UserError(f"{source} is no Terraform state: it names no version of Terraform; {_AGAIN}")
    if not isinstance(version, int):
        raise UnlikeStateError(f"its version is {kind(version)} and no number")
    if version != _VERSION:
        hint = "`terraform refresh` of Terraform 0.12 or newer rewrites it" if version < _VERSION else _AGAIN
        raise UserError(f"{source} is a state of version {version}, and known is {_VERSION}: {hint}")
    return _resources(state)


def _resources(state: Mapping[str, Any]) -> Iterator[Found]:
    for each in mappings(state, "resources"):
        if text(each, "mode") != "managed":
            continue
        module = f"{text(each, 'module')}." if each.get("module") else ""
        address = f"{module}{text(each, 'type')}.{text(each, 'name')}"
        for instance in mappings(each, "instances"):
            yield Found(
                address=f"{address}{_index(instance.get('index_key'))}",
                type=text(each, "type"),
                values=mapping(instance, "attributes"),
                tainted=instance.get("status") == "tainted",
                deposed=bool(instance.get("deposed")),
            )


def _index(key: object) -> str:
    """The index of an address, as Terraform quotes it (`internal/addrs/instance_key.go`)."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    if not isinstance(key, str):
        raise UnlikeStateError(f"an index_key is {kind(key)}, and neither a number nor a text")
    quoted = json.dumps(key, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return f"[{quoted}]"
