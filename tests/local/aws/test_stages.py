from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.aws.server import Server
from tests.local.conftest import client_of

if TYPE_CHECKING:
    from types_boto3_apigatewayv2 import ApiGatewayV2Client

LOGS: Any = {"DestinationArn": "arn:aws:logs:us-west-2:123456789012:log-group:api", "Format": "$context.path"}


@pytest.fixture
def client(cloud: Server) -> ApiGatewayV2Client:
    made: ApiGatewayV2Client = client_of(cloud, "apigatewayv2")
    return made


@pytest.fixture
def api(client: ApiGatewayV2Client) -> str:
    """An API with a stage."""
    api = client.create_api(Name="a", ProtocolType="HTTP")["ApiId"]
    variables = {"kept": "1", "gone": "2"}
    client.create_stage(
        ApiId=api, StageName="$default", AutoDeploy=True, AccessLogSettings=LOGS, StageVariables=variables
    )
    return api


def test_a_stage_changes_in_place_and_keeps_what_is_not_given(client: ApiGatewayV2Client, api: str) -> None:
    variables = {"gone": "", "new": "3"}
    client.update_stage(
        ApiId=api, StageName="$default", Description="one", AutoDeploy=False, StageVariables=variables
    )
    shown = client.get_stage(ApiId=api, StageName="$default")
    assert (shown["Description"], shown["AutoDeploy"]) == ("one", False)
    assert shown["StageVariables"] == {"kept": "1", "new": "3"}
    assert shown["AccessLogSettings"] == LOGS


def test_empty_settings_take_the_access_log_away(client: ApiGatewayV2Client, api: str) -> None:
    client.update_stage(ApiId=api, StageName="$default", AccessLogSettings={})
    assert "AccessLogSettings" not in client.get_stage(ApiId=api, StageName="$default")


def test_a_stage_that_is_not_there_is_told(client: ApiGatewayV2Client, api: str) -> None:
    with pytest.raises(ClientError, match="NotFoundException"):
        client.update_stage(ApiId=api, StageName="other")


def test_a_stages_tags_change_and_an_apis_as_ever(client: ApiGatewayV2Client, api: str) -> None:
    above = f"arn:aws:apigateway:us-west-2::/apis/{api}"
    for arn in (above, f"{above}/stages/$default"):
        client.tag_resource(ResourceArn=arn, Tags={"a": "1", "b": "2"})
        client.untag_resource(ResourceArn=arn, TagKeys=["a"])
        client.tag_resource(ResourceArn=arn, Tags={"b": "3"})
    assert client.get_stage(ApiId=api, StageName="$default")["Tags"] == {"b": "3"}
    assert client.get_tags(ResourceArn=above)["Tags"] == {"b": "3"}
