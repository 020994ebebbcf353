"""The HTTP API: API Gateway in front of a function's alias, with an access log."""

import json
from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .names import STACK_TAG, alias_name, physical_name, stack_tag

RETENTION_DAYS = 30
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")

# API Gateway Developer Guide, "Customize HTTP API access logs": the variables that it knows.
ACCESS_LOG_FORMAT = json.dumps(
    {
        "requestId": "$context.requestId",
        "requestTime": "$context.requestTime",
        "sourceIp": "$context.identity.sourceIp",
        "method": "$context.httpMethod",
        "path": "$context.path",
        "protocol": "$context.protocol",
        "status": "$context.status",
        "responseLength": "$context.responseLength",
        "responseLatency": "$context.responseLatency",
        "integrationLatency": "$context.integrationLatency",
        "integrationError": "$context.integrationErrorMessage",
        "userAgent": "$context.identity.userAgent",
    }
)


class HttpApiArgs(TypedDict):
    """Which alias answers, and to whom."""

    alias_arn: pulumi.Input[str]
    """The ARN of the alias that answers every request."""
    alias_invoke_arn: pulumi.Input[str]
    """What the integration calls it by."""
    allow_origins: NotRequired[Sequence[str]]
    """The origins whose pages may call the API from a browser (CORS); none unless given."""
    allow_methods: NotRequired[Sequence[str]]
    """The methods that such pages may use; all unless given."""
    allow_headers: NotRequired[Sequence[str]]
    """The headers that such pages may send; `content-type` unless given."""
    retention_days: NotRequired[int]
    """The days that the access log is kept; 30 unless given."""


class HttpApi(pulumi.ComponentResource):
    """An API whose every request goes to one alias, whatever version that points to."""

    url: pulumi.Output[str]
    """The API's address, without a slash at its end."""

    def __init__(self, name: str, args: HttpApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lamina:index:HttpApi", name, {}, opts)
        api = aws.apigatewayv2.Api(
            name,
            protocol_type="HTTP",
            cors_configuration=_cors(args),
            # What `python -m build gc` finds a second one by, which a lost reply can leave.
            tags={STACK_TAG: stack_tag()},
            opts=pulumi.ResourceOptions(parent=self),
        )
        permission = self._permission(name, api, args)
        integration = aws.apigatewayv2.Integration(
            name,
            api_id=api.id,
            integration_type="AWS_PROXY",
            integration_method="POST",
            integration_uri=args["alias_invoke_arn"],
            payload_format_version="2.0",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )
        route = aws.apigatewayv2.Route(
            name,
            api_id=api.id,
            route_key="$default",
            target=pulumi.Output.concat("integrations/", integration.id),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._stage(name, api, route, args)
        self.url = api.api_endpoint
        self.register_outputs({"url": self.url})

    def _permission(self, name: str, api: aws.apigatewayv2.Api, args: HttpApiArgs) -> aws.lambda_.Permission:
        alias = pulumi.Output.from_input(args["alias_arn"]).apply(alias_name)
        return aws.lambda_.Permission(
            name,
            action="lambda:InvokeFunction",
            function=alias.apply(lambda parts: parts.function),
            qualifier=alias.apply(lambda parts: parts.alias),
            principal="apigateway.amazonaws.com",
            # Any stage and any route of this API.
            source_arn=pulumi.Output.concat(api.execution_arn, "/*/*"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _stage(
        self, name: str, api: aws.apigatewayv2.Api, route: aws.apigatewayv2.Route, args: HttpApiArgs
    ) -> None:
        # CloudWatch Logs User Guide, "Enabling logging from AWS services": groups with this prefix do not use
        # up the 5,120 characters that one policy has for all groups of the region that services write to.
        log_group = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/vendedlogs/apigateway/{physical_name(name)}",
            retention_in_days=int(args.get("retention_days", RETENTION_DAYS)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.apigatewayv2.Stage(
            name,
            api_id=api.id,
            name="$default",
            auto_deploy=True,
            access_log_settings={"destination_arn": log_group.arn, "format": ACCESS_LOG_FORMAT},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[route]),
        )


def _cors(args: HttpApiArgs) -> aws.apigatewayv2.ApiCorsConfigurationArgsDict | None:
    origins = args.get("allow_origins")
    if not origins:
        return None
    return {
        "allow_origins": origins,
        "allow_methods": args.get("allow_methods", METHODS),
        "allow_headers": args.get("allow_headers", ["content-type"]),
        "max_age": 300,
    }
