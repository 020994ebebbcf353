"""What an HTTP or WebSocket API and its parts have in common: like-named calls over like-named fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .resource import Resource, split_import
from .schema import (
    Property,
)
from .tags import retag_resource
from .values import State

MISSING = "NotFoundException"
# What API Gateway calls otherwise than the provider does.
_OTHER_NAMES = {"timeoutMilliseconds": "TimeoutInMillis"}


def _capital(name: str) -> str:
    """API Gateway's own name of a property."""
    return _OTHER_NAMES.get(name) or name[0].upper() + name[1:]


def _to_api(each: Property, value: Any) -> Any:
    if each.fields and isinstance(value, Mapping):
        return {
            _capital(name): _to_api(each.fields[name], item)
            for name, item in value.items()
            if name in each.fields
        }
    return value


def _from_api(each: Property, value: Any) -> Any:
    if each.fields and isinstance(value, Mapping):
        named = {name: value.get(_capital(name)) for name in each.fields}
        return {name: item for name, item in named.items() if item is not None}
    return value


class ApiPart(Resource):
    """What an API and its parts have in common: they are made, read, changed and deleted by like-named calls.

    `fields` are the inputs that API Gateway knows, nearly all by the same name with a capital letter.
    """

    noun: ClassVar[str]
    verb: ClassVar[str]
    fields: ClassVar[tuple[str, ...]]
    key: ClassVar[str]

    def where(self, identity: str, state: State) -> dict[str, str]:
        """The arguments that name the object."""
        return {"ApiId": state["apiId"], self.key: identity}

    def parent(self, new: State) -> dict[str, str]:
        """The arguments that name what the object is made in."""
        return {"ApiId": new["apiId"]}

    def request(self, new: State, names: AbstractSet[str]) -> dict[str, Any]:
        """The arguments for the named properties; one that is unset is left out."""
        given = {name: new.get(name) for name in self.fields if name in names and new.get(name) is not None}
        return {_capital(name): _to_api(self.schema.properties[name], value) for name, value in given.items()}

    @override
    def create(self, aws: Aws, new: State) -> str:
        sent = {
            **self.parent(new),
            **self.request(new, {name for name in self.fields if new.get(name) != ""}),
        }
        if new.get("tagsAll"):
            sent["Tags"] = new["tagsAll"]
        with aws.doing(f"creating API Gateway v2 {self.noun}{self.label(new)}"):
            answer = self._call(aws, new, "create")(**sent)
        return str(answer[self.key])

    def label(self, new: State) -> str:
        """How an error names an object that has no id yet."""
        return f" ({new['name']})" if "name" in new else ""

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        with aws.doing(f"reading API Gateway v2 {self.noun} ({identity})"):
            try:
                found = self._call(aws, state, "get")(**self.where(identity, state))
            except ClientError as error:
                if failed_with(error, MISSING):
                    return None
                raise
        read: State = {}
        for name in self.fields:
            value = _from_api(self.schema.properties[name], found.get(_capital(name)))
            default = self.schema.properties[name].default
            read[name] = default if value in (None, "", {}, []) and default is not None else value
            if read[name] in ("", {}, []):
                read[name] = None
        if "tagsAll" in self.schema.properties:
            read |= aws.tag_state(found.get("Tags") or {})
        return {**read, **self.further(aws, identity, {**state, **read}, found)}

    def further(  # most parts have no more
        self,
        aws: Aws,  # noqa: ARG002
        identity: str,  # noqa: ARG002
        state: State,  # noqa: ARG002
        found: Mapping[str, Any],  # noqa: ARG002
    ) -> State:
        """The outputs beyond `fields`, from AWS's answer."""
        return {}

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        sent = self.request(new, changed & set(self.fields))
        sent |= self.removed(old, new, changed & set(self.fields))
        with aws.doing(f"updating API Gateway v2 {self.noun} ({identity})"):
            self._call(aws, new, "update")(**self.where(identity, new), **sent)

    def removed(self, old: State, new: State, changed: AbstractSet[str]) -> dict[str, Any]:
        """What is sent for properties that are no longer set: texts and maps become empty."""
        gone_now = [
            name for name in changed if new.get(name) is None and isinstance(old.get(name), (str, dict))
        ]
        return {_capital(name): type(old[name])() for name in gone_now}

    @override
    def retag(
        self, aws: Aws, identity: str, state: State, new: Mapping[str, str], removed: list[str]
    ) -> None:
        retag_resource(aws.client("apigatewayv2", state), {"ResourceArn": state["arn"]}, new, removed)

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        with aws.doing(f"deleting API Gateway v2 {self.noun} ({identity})"), gone(MISSING):
            self._call(aws, state, "delete")(**self.where(identity, state))

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        api, own = split_import(identity, "/", "apiId", self.key[0].lower() + self.key[1:])
        return own, {"apiId": api}

    def _call(self, aws: Aws, state: State, what: str) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(aws.client("apigatewayv2", state), f"{what}_{self.verb}")
        return found
