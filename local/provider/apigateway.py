"""HTTP and WebSocket APIs: APIs, integrations, routes and stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import PARTITION, SUFFIX, Aws, failed_with, gone
from .resource import Resource, split_import
from .schema import (
    AutoName,
    Property,
    boolean,
    document,
    integer,
    mapping,
    number,
    output,
    string,
    string_set,
    table,
)
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
        client = aws.client("apigatewayv2", state)
        if removed:
            client.untag_resource(ResourceArn=state["arn"], TagKeys=removed)
        if new:
            client.tag_resource(ResourceArn=state["arn"], Tags=dict(new))

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


class Api(ApiPart):
    """`aws:apigatewayv2/api:Api`."""

    type_name = "aws:apigatewayv2/api:Api"
    noun = "API"
    verb = "api"
    key = "ApiId"
    fields = (
        "apiKeySelectionExpression", "corsConfiguration", "description", "disableExecuteApiEndpoint", "name",
        "protocolType", "routeSelectionExpression", "version", "ipAddressType",
    )  # fmt: skip
    schema = table(
        {
            "apiKeySelectionExpression": string(default="$request.header.x-api-key"),
            "corsConfiguration": document(
                {
                    "allowCredentials": boolean(),
                    "allowHeaders": string_set(),
                    "allowMethods": string_set(),
                    "allowOrigins": string_set(),
                    "exposeHeaders": string_set(),
                    "maxAge": integer(),
                }
            ),
            "description": string(),
            "disableExecuteApiEndpoint": boolean(default=False),
            "ipAddressType": string(computed=True),
            "name": string(auto_name=AutoName(255)),
            "protocolType": string(required=True, replaces=True),
            "routeSelectionExpression": string(default="$request.method $request.path"),
            "version": string(),
            "apiEndpoint": output(),
            "arn": output(),
            "executionArn": output(),
        },
        tags=True,
        refused=("body", "credentialsArn", "failOnWarnings", "routeKey", "target"),
    )

    @override
    def where(self, identity: str, state: State) -> dict[str, str]:
        return {"ApiId": identity}

    @override
    def parent(self, new: State) -> dict[str, str]:
        return {}

    @override
    def further(self, aws: Aws, identity: str, state: State, found: Mapping[str, Any]) -> State:
        region = state["region"]
        return {
            "apiEndpoint": found.get("ApiEndpoint"),
            "arn": f"arn:{PARTITION}:apigateway:{region}::/apis/{identity}",
            "executionArn": f"arn:{PARTITION}:execute-api:{region}:{aws.account}:{identity}",
        }

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        if "corsConfiguration" in changed and not new.get("corsConfiguration"):
            with aws.doing(f"deleting API Gateway v2 API ({identity}) CORS configuration"):
                aws.client("apigatewayv2", new).delete_cors_configuration(ApiId=identity)
            changed = changed - {"corsConfiguration"}
        if changed:
            super().update(aws, identity, old, new, changed)

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        return identity, {}


class Integration(ApiPart):
    """`aws:apigatewayv2/integration:Integration`."""

    type_name = "aws:apigatewayv2/integration:Integration"
    noun = "Integration"
    verb = "integration"
    key = "IntegrationId"
    fields = (
        "connectionId", "connectionType", "contentHandlingStrategy", "credentialsArn", "description",
        "integrationMethod", "integrationSubtype", "integrationType", "integrationUri", "passthroughBehavior",
        "payloadFormatVersion", "requestParameters", "requestTemplates", "templateSelectionExpression",
        "timeoutMilliseconds",
    )  # fmt: skip
    schema = table(
        {
            "apiId": string(required=True, replaces=True),
            "connectionId": string(),
            "connectionType": string(default="INTERNET"),
            "contentHandlingStrategy": string(),
            "credentialsArn": string(),
            "description": string(),
            "integrationMethod": string(),
            "integrationSubtype": string(replaces=True),
            "integrationType": string(required=True, replaces=True),
            "integrationUri": string(),
            "passthroughBehavior": string(default="WHEN_NO_MATCH"),
            "payloadFormatVersion": string(default="1.0"),
            "requestParameters": mapping(),
            "requestTemplates": mapping(),
            "templateSelectionExpression": string(),
            "timeoutMilliseconds": integer(computed=True),
            "integrationResponseSelectionExpression": output(),
        },
        refused=("responseParameters", "tlsConfig"),
    )

    @override
    def request(self, new: State, names: AbstractSet[str]) -> dict[str, Any]:
        sent = super().request(new, {*names, "integrationType"})
        return {
            name: value for name, value in sent.items() if not (name == "IntegrationSubtype" and not value)
        }

    @override
    def further(self, aws: Aws, identity: str, state: State, found: Mapping[str, Any]) -> State:
        proxy = found.get("IntegrationType") in ("AWS", "AWS_PROXY")
        unset = proxy and found.get("IntegrationMethod") == "POST"
        return {
            "integrationResponseSelectionExpression": found.get("IntegrationResponseSelectionExpression"),
            **({"integrationMethod": None} if unset else {}),
        }

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        found = super().read(aws, identity, state)
        if found is not None and found.get("integrationMethod") is None and state.get("integrationMethod"):
            found["integrationMethod"] = state["integrationMethod"]
        return found


class Route(ApiPart):
    """`aws:apigatewayv2/route:Route`."""

    type_name = "aws:apigatewayv2/route:Route"
    noun = "Route"
    verb = "route"
    key = "RouteId"
    fields = (
        "apiKeyRequired", "authorizationScopes", "authorizationType", "authorizerId",
        "modelSelectionExpression", "operationName", "requestModels", "routeKey",
        "routeResponseSelectionExpression", "target",
    )  # fmt: skip
    schema = table(
        {
            "apiId": string(required=True, replaces=True),
            "apiKeyRequired": boolean(default=False),
            "authorizationScopes": string_set(),
            "authorizationType": string(default="NONE"),
            "authorizerId": string(),
            "modelSelectionExpression": string(),
            "operationName": string(),
            "requestModels": mapping(),
            "routeKey": string(required=True),
            "routeResponseSelectionExpression": string(),
            "target": string(),
        },
        refused=("requestParameters",),
    )


class Stage(ApiPart):
    """`aws:apigatewayv2/stage:Stage`."""

    type_name = "aws:apigatewayv2/stage:Stage"
    noun = "Stage"
    verb = "stage"
    key = "StageName"
    fields = (
        "accessLogSettings", "autoDeploy", "clientCertificateId", "defaultRouteSettings", "deploymentId",
        "description", "stageVariables",
    )  # fmt: skip
    schema = table(
        {
            "apiId": string(required=True, replaces=True),
            "accessLogSettings": document(
                {"destinationArn": string(required=True), "format": string(required=True)}
            ),
            "autoDeploy": boolean(default=False),
            "clientCertificateId": string(),
            "defaultRouteSettings": document(
                {
                    "dataTraceEnabled": boolean(),
                    "detailedMetricsEnabled": boolean(),
                    "loggingLevel": string(computed=True),
                    "throttlingBurstLimit": integer(),
                    "throttlingRateLimit": number(),
                },
                computed=True,
            ),
            "deploymentId": string(computed=True),
            "description": string(),
            "name": string(replaces=True, auto_name=AutoName(255)),
            "stageVariables": mapping(),
            "arn": output(),
            "executionArn": output(),
            "invokeUrl": output(),
        },
        tags=True,
        refused=("routeSettings",),
    )

    @override
    def parent(self, new: State) -> dict[str, str]:
        return {"ApiId": new["apiId"], "StageName": new["name"]}

    @override
    def further(self, aws: Aws, identity: str, state: State, found: Mapping[str, Any]) -> State:
        region, api = state["region"], state["apiId"]
        protocol = self._protocol(aws, state)
        scheme = "wss" if protocol == "WEBSOCKET" else "https"
        path = "" if identity == "$default" else identity
        return {
            "name": identity,
            "arn": f"arn:{PARTITION}:apigateway:{region}::/apis/{api}/stages/{identity}",
            "executionArn": f"arn:{PARTITION}:execute-api:{region}:{aws.account}:{api}/{identity}",
            "invokeUrl": f"{scheme}://{api}.execute-api.{region}.{SUFFIX}/{path}",
        }

    @override
    def create(self, aws: Aws, new: State) -> str:
        self._protocol(aws, new)
        return super().create(aws, new)

    @override
    def removed(self, old: State, new: State, changed: AbstractSet[str]) -> dict[str, Any]:
        sent = super().removed(old, new, changed - {"stageVariables"})
        before, after = old.get("stageVariables") or {}, new.get("stageVariables") or {}
        if "stageVariables" in changed:
            sent["StageVariables"] = {**after, **{name: "" for name in before if name not in after}}
        return sent

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        if changed:
            self._protocol(aws, new)
            super().update(aws, identity, old, new, changed)

    def _protocol(self, aws: Aws, state: State) -> str:
        """The kind of the stage's API, which upstream asks for before and after each change."""
        api = state["apiId"]
        with aws.doing(f"reading API Gateway v2 API ({api})"):
            return str(aws.client("apigatewayv2", state).get_api(ApiId=api)["ProtocolType"])
