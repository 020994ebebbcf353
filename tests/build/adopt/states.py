"""States to adopt from: the recorded one of a whole service, changed as a test wants it, and its parts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from build.adopt.adoption import adoption
from build.adopt.mapping import Adopted, Created, Left, Mapping
from build.adopt.state import read_state

DATA = Path(__file__).resolve().parents[2] / "data" / "terraform"
FUNCTIONS = "aws_lambda_function.this"


class State:
    """The recorded state, whose instances a test may change before it is adopted."""

    def __init__(self) -> None:
        self.content: dict[str, Any] = json.loads((DATA / "state.json").read_text())

    def instances(self, name: str, key: str | int | None = None) -> Iterator[dict[str, Any]]:
        """The instances of `TYPE.NAME`, or that of one index."""
        for each in self.content["resources"]:
            if f"{each['type']}.{each['name']}" == name:
                yield from (one for one in each["instances"] if key is None or one.get("index_key") == key)

    def change(self, name: str, key: str | int | None = None, /, **attributes: Any) -> None:
        """Gives instances other attributes."""
        found = list(self.instances(name, key))
        assert found, name
        for each in found:
            each["attributes"].update(attributes)

    def drop(self, *names: str) -> None:
        """Takes resources away, by `TYPE.NAME`."""
        kept = [each for each in self.content["resources"] if f"{each['type']}.{each['name']}" not in names]
        assert len(kept) < len(self.content["resources"]), names
        self.content["resources"] = kept

    def add(self, name: str, /, **attributes: Any) -> None:
        """Puts one more resource into the root module."""
        kind, _, own = name.partition(".")
        self.content["resources"].append(resource(kind, own, **attributes))

    def adopt(self, *given: str) -> Mapping:
        """What becomes of it."""
        return adoption(read_state(self.bytes(), "state"), given)

    def bytes(self) -> bytes:
        return json.dumps(self.content).encode()


def resource(kind: str, name: str, /, **attributes: Any) -> dict[str, Any]:
    """A resource of a state file, with one instance."""
    instance = {"schema_version": 0, "attributes": {"id": name, **attributes}}
    return {"mode": "managed", "type": kind, "name": name, "provider": "p", "instances": [instance]}


def adopted(mapping: Mapping, path: str) -> Adopted | None:
    """What a place was given."""
    return next((each for each in mapping.adopted if each.resource == path), None)


def left(mapping: Mapping, address: str) -> str:
    """Why a resource is left, or "" where it is not."""
    return reason(each.reason for each in mapping.left if each.origin == address)


def created(mapping: Mapping, path: str) -> str:
    """Why a resource is made anew, or "" where it is not."""
    return reason(each.reason for each in mapping.created if each.resource == path)


def reason(found: Iterator[str]) -> str:
    return next(found, "")


def parts(mapping: Mapping) -> Sequence[Adopted | Left | Created]:
    """All entries."""
    return [*mapping.adopted, *mapping.left, *mapping.created]
