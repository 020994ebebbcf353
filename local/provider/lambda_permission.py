"""Permissions in a function's policy."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .clock import PROPAGATION
from .lambda_alias import function_name
from .lambda_layer import MISSING
from .resource import Immutable, split_import
from .schema import AutoName, boolean, string, table
from .values import State

_REQUEST = {
    "action": "Action",
    "eventSourceToken": "EventSourceToken",
    "function": "FunctionName",
    "functionUrlAuthType": "FunctionUrlAuthType",
    "invokedViaFunctionUrl": "InvokedViaFunctionUrl",
    "principal": "Principal",
    "principalOrgId": "PrincipalOrgID",
    "qualifier": "Qualifier",
    "sourceAccount": "SourceAccount",
    "sourceArn": "SourceArn",
    "statementId": "StatementId",
}


class Permission(Immutable):
    """`aws:lambda/permission:Permission`."""

    type_name = "aws:lambda/permission:Permission"
    schema = table(
        {
            "action": string(required=True),
            "eventSourceToken": string(),
            "function": string(required=True),
            "functionUrlAuthType": string(),
            "invokedViaFunctionUrl": boolean(),
            "principal": string(required=True),
            "principalOrgId": string(),
            "qualifier": string(),
            "sourceAccount": string(),
            "sourceArn": string(),
            "statementId": string(computed=True, auto_name=AutoName(100)),
        },
        replaces=True,
        refused=("statementIdPrefix",),
    )

    @override
    def create(self, aws: Aws, new: State) -> str:
        function, statement = new["function"], new["statementId"]
        request = {theirs: new[ours] for ours, theirs in _REQUEST.items() if new.get(ours)}
        with aws.turn(function), aws.doing(f"adding Lambda Permission ({function}/{statement})"):
            aws.clock.retry(
                lambda: aws.client("lambda", new).add_permission(**request),
                when=lambda error: failed_with(error, "ResourceConflictException", MISSING),
            )
        return str(statement)

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        what = f"reading Lambda Permission ({new['function']}/{identity})"
        with aws.doing(what):
            aws.clock.wait(lambda: self._statement(aws, identity, new), what=what, within=PROPAGATION)

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        with aws.doing(f"reading Lambda Permission ({state['function']}/{identity})"):
            found = self._statement(aws, identity, state)
        if found is None:
            return None
        principal, conditions = found["Principal"], found.get("Condition") or {}
        equals, resource = conditions.get("StringEquals") or {}, str(found["Resource"])
        qualifier = resource.split(":")[7] if resource.count(":") == 7 else None
        by_arn = str(state["function"]).startswith("arn:")
        via_url = (conditions.get("Bool") or {}).get("lambda:InvokedViaFunctionUrl")
        return {
            "action": found["Action"],
            "eventSourceToken": equals.get("lambda:EventSourceToken"),
            "function": ":".join(resource.split(":")[:7]) if by_arn else function_name(resource),
            "functionUrlAuthType": equals.get("lambda:FunctionUrlAuthType"),
            "invokedViaFunctionUrl": None if via_url is None else str(via_url).lower() == "true",
            "principal": (principal.get("AWS") or principal.get("Service"))
            if isinstance(principal, dict)
            else principal,
            "principalOrgId": equals.get("aws:PrincipalOrgID"),
            "qualifier": qualifier,
            "sourceAccount": equals.get("AWS:SourceAccount"),
            "sourceArn": (conditions.get("ArnLike") or {}).get("AWS:SourceArn"),
            "statementId": found["Sid"],
        }

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        function = state["function"]
        what = f"removing Lambda Permission ({function}/{identity})"
        with aws.turn(function), aws.doing(what), gone(MISSING):
            aws.client("lambda", state).remove_permission(**_where(state), StatementId=identity)
            aws.clock.wait(
                lambda: self._statement(aws, identity, state) is None, what=what, within=PROPAGATION
            )

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        function, statement = split_import(identity, "/", "function[:qualifier]", "statementId")
        start: State = {"function": function, "statementId": statement}
        name, _, qualifier = function.partition(":")
        if qualifier and not function.startswith("arn:"):
            start |= {"function": name, "qualifier": qualifier}
        return statement, start

    def _statement(self, aws: Aws, identity: str, state: State) -> Any:
        try:
            found = aws.client("lambda", state).get_policy(**_where(state))
        except ClientError as error:
            if failed_with(error, MISSING):
                return None
            raise
        statements = json.loads(found["Policy"])["Statement"]
        return next((each for each in statements if each.get("Sid") == identity), None)


def _where(state: State) -> dict[str, str]:
    qualifier = state.get("qualifier")
    return {"FunctionName": state["function"], **({"Qualifier": qualifier} if qualifier else {})}
