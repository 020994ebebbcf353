"""Previews for tests, made of a few words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from preview.document import as_markdown
from preview.packages import Layer
from preview.reading import read_preview
from preview.report import Report, report_on

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
# Longer than any text that Hypothesis makes up here: it tries constants that it finds in the code.
PLAIN = "hunter2-correct-horse-battery-staple"
SECRET = {
    SIGNATURE: "1b47061264138c4ac30d75fd1eb44270",
    "ciphertext": f"v1:{PLAIN}",
    "plaintext": f'"{PLAIN}"',
}
STACK = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:prod::shop::{type_}::{name}"


def step(
    op: str,
    type_: str,
    name: str = "thing",
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    *,
    state: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A step; `old` and `new` are inputs, `state` is what both states have besides."""
    common = {"type": type_.rpartition("$")[2], "custom": True, "parent": STACK, **(state or {})}
    found: dict[str, Any] = {"op": op, "urn": urn(type_, name), "detailedDiff": None, **more}
    if old is not None or op in {"delete", "update", "replace", "refresh"}:
        found["oldState"] = {**common, "id": name, "inputs": old or {}, "outputs": {**(outputs or old or {})}}
    if op != "delete":
        found["newState"] = {**common, "inputs": new or {}}
    return found


def preview(*steps: Mapping[str, Any], **more: Any) -> str:
    root = {"op": "same", "urn": STACK, "newState": {"type": "pulumi:pulumi:Stack", "custom": False}}
    return json.dumps({"steps": [root, *steps], "changeSummary": {"same": 1}, **more})


def report(
    *steps: Mapping[str, Any], base: list[Layer] | None = None, head: list[Layer] | None = None, **more: Any
) -> Report:
    return report_on(read_preview(preview(*steps, **more)), base=base or [], head=head or [])


def told(*steps: Mapping[str, Any], **more: Any) -> str:
    return as_markdown(report(*steps, **more))


def cautions(*steps: Mapping[str, Any], **more: Any) -> list[str]:
    """What is cautioned of, each as `level kind: text`."""
    return [f"{each.level.name} {each.kind}: {each.text}" for each in report(*steps, **more).cautions]
