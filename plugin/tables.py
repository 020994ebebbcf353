"""The components' inputs and outputs as tables for docs/components.md, from the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

BEGIN = "<!-- What follows is written by `make schema`. -->"


def with_tables(page: str, schema: Mapping[str, Any]) -> str:
    """The page with the tables of a schema where those of an earlier one were."""
    head, _, _ = page.partition(BEGIN)
    return head + "\n".join([BEGIN, *_components(schema), ""])


def _components(schema: Mapping[str, Any]) -> Iterator[str]:
    for token, resource in sorted(schema["resources"].items()):
        yield from ["", f"## {_name(token)}", "", resource["description"], ""]
        required = set(resource.get("requiredInputs", ()))
        yield from _inputs(resource["inputProperties"], required)
        yield from ["", "| output | type | |", "|---|---|---|"]
        for name, each in sorted(resource["properties"].items()):
            yield f"| `{name}` | {_type(each)} | {_about(each)} |"
    for token, type_ in sorted(schema["types"].items()):
        yield from ["", f"## {_name(token)}", "", type_["description"], ""]
        yield from _inputs(type_["properties"], set(type_.get("required", ())))


def _inputs(properties: Mapping[str, Any], required: set[str]) -> Iterator[str]:
    yield from ["| input | type | |", "|---|---|---|"]
    for name, each in sorted(properties.items(), key=lambda item: (item[0] not in required, item[0])):
        kind = _type(each) + (", plain" if each.get("plain") else "")
        shown = f"**`{name}`**" if name in required else f"`{name}`"
        yield f"| {shown} | {kind} | {_about(each)} |"


def _type(value: Mapping[str, Any]) -> str:
    if "$ref" in value:
        name = _name(value["$ref"])
        return f"[{name}](#{name.lower()})"
    if value.get("items"):
        return f"list of {_type(value['items'])}"
    if value.get("additionalProperties"):
        return f"map of {_type(value['additionalProperties'])}"
    return str(value["type"])


def _about(value: Mapping[str, Any]) -> str:
    return " ".join(value["description"].split()).replace("|", "\\|")


def _name(token: str) -> str:
    return token.rpartition(":")[2]
