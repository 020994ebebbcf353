"""Invocations: a function is called when one is made, and the answer is its result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from typing_extensions import override

from .aws import Aws
from .check import Failure
from .errors import ProviderError
from .policy_document import go_json
from .resource import Resource, split_import
from .schema import mapping, output, string, table
from .values import State

_CREATE_ONLY = "CREATE_ONLY"
_CRUD = "CRUD"


class Invocation(Resource):
    """`aws:lambda/invocation:Invocation`."""

    type_name = "aws:lambda/invocation:Invocation"
    schema = table(
        {
            "functionName": string(required=True, replaces=True),
            "input": string(required=True),
            "lifecycleScope": string(default=_CREATE_ONLY),
            "qualifier": string(default="$LATEST", replaces=True),
            "tenantId": string(),
            "terraformKey": string(default="tf"),
            "triggers": mapping(replaces=True),
            "result": output(),
        }
    )

    @override
    def validate(self, inputs: Mapping[str, Any]) -> Iterator[Failure]:
        scope, text = inputs.get("lifecycleScope"), inputs.get("input")
        if scope not in (_CREATE_ONLY, _CRUD):
            yield Failure(
                "lifecycleScope", f'expected lifecycleScope to be one of ["CREATE_ONLY" "CRUD"], got {scope}'
            )
        if isinstance(text, str):
            try:
                parsed = json.loads(text)
            except ValueError as error:
                yield Failure("input", f'"input" contains an invalid JSON: {error}')
                return
            if scope == _CRUD and not isinstance(parsed, dict):
                yield Failure(
                    "input", "lifecycleScope other than CREATE_ONLY requires input to be a JSON object"
                )

    @override
    def create(self, aws: Aws, new: State) -> str:
        payload, result = self._invoke(aws, new, "create", None)
        new["result"] = result
        return _identity(new, payload)

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        return {}

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        new["result"] = self._invoke(aws, new, "update", old["input"])[1]

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        if state.get("lifecycleScope") == _CRUD:
            self._invoke(aws, state, "delete", state["input"])

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        name, qualifier, _ = split_import(identity, ",", "functionName", "qualifier", "hash")
        return identity, {"functionName": name, "qualifier": qualifier}

    @override
    def unknown_after(self, old: State, new: State, changed: AbstractSet[str]) -> frozenset[str]:
        crud = new.get("lifecycleScope") == _CRUD
        return frozenset({"result"}) if crud and "input" in changed else frozenset()

    @override
    def replaced_by(self, old: State, new: State, changed: AbstractSet[str]) -> frozenset[str]:
        once = new.get("lifecycleScope", _CREATE_ONLY) == _CREATE_ONLY
        return frozenset({"input"}) if once and "input" in changed else frozenset()

    def _invoke(self, aws: Aws, state: State, action: str, previous: str | None) -> tuple[str, str]:
        """The payload that was sent and the answer's text.

        Raises:
            ProviderError: when the function failed; the text has its answer.
        """
        name, qualifier = state["functionName"], state["qualifier"]
        payload = str(state["input"])
        if state.get("lifecycleScope") == _CRUD:
            before = None if previous is None else json.loads(previous)
            whole = {**json.loads(payload), state["terraformKey"]: {"action": action, "prev_input": before}}
            payload = go_json(whole, sort=True)
        request: dict[str, Any] = {
            "FunctionName": name,
            "InvocationType": "RequestResponse",
            "Payload": payload.encode(),
            "Qualifier": qualifier,
        }
        if state.get("tenantId"):
            request["TenantId"] = state["tenantId"]
        with aws.doing(f"invoking Lambda Function ({name})"):
            answer = aws.client("lambda", state).invoke(**request)
            result = answer["Payload"].read().decode()
        if answer.get("FunctionError"):
            raise ProviderError(f"invoking Lambda Function ({name}): {result}")
        return payload, result


def _identity(new: State, payload: str) -> str:
    digest = hashlib.md5(payload.encode(), usedforsecurity=False).hexdigest()
    return f"{new['functionName']},{new['qualifier']},{digest}"
