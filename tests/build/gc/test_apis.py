"""HTTP APIs: a second one, which a lost reply left, goes; what anything leads to or from stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

import pytest
from moto.apigatewayv2.models import apigatewayv2_backends

from build.gc.apis import lets_in
from tests.local.conftest import ACCOUNT, REGION, client_of

from .conftest import Run, World

if TYPE_CHECKING:
    from types_boto3_apigatewayv2 import ApiGatewayV2Client
    from types_boto3_lambda import LambdaClient

FUNCTION = "shop-prod-api"
Make = Callable[..., str]


@pytest.fixture
def gateway(world: World) -> Iterator[ApiGatewayV2Client]:
    """API Gateway, and a stack whose function has the layer."""
    world.layer("a")
    world.function(FUNCTION, [1], latest=1)
    world.alias(FUNCTION, 1)
    client = cast("ApiGatewayV2Client", client_of(world.server, "apigatewayv2"))
    yield client
    for api in client.get_apis()["Items"]:
        client.delete_api(ApiId=api["ApiId"])


@pytest.fixture
def make(gateway: ApiGatewayV2Client, lambda_client: LambdaClient) -> Make:
    """Makes an API: empty unless it is to be integrated or let in."""

    def make(
        *, stack: str = "shop/prod", days: int = 9, integrated: bool = False, let_in: bool = False
    ) -> str:
        made = gateway.create_api(Name="api-1", ProtocolType="HTTP", Tags={"lamina:stack": stack})["ApiId"]
        stored = apigatewayv2_backends[ACCOUNT][REGION].apis[made]
        stored.created_date = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
        if integrated:
            gateway.create_integration(
                ApiId=made, IntegrationType="AWS_PROXY", IntegrationUri="arn:x", PayloadFormatVersion="2.0"
            )
        if let_in:
            lambda_client.add_permission(
                FunctionName=FUNCTION,
                Qualifier="live",
                StatementId=made,
                Action="lambda:InvokeFunction",
                Principal="apigateway.amazonaws.com",
                SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{made}/*/*",
            )
        return made

    return make


def test_the_second_api_of_a_lost_reply_goes_and_the_one_in_use_stays(
    run: Run, make: Make, gateway: ApiGatewayV2Client
) -> None:
    second, used = make(), make(integrated=True, let_in=True)
    code, found, _ = run("--apis", "--json")
    assert (code, [each["api"] for each in found["apis"]]) == (0, [second])
    assert found["staying"]["HTTP APIs"] == {"let in by a function": 1}
    code, told, _ = run("--apis", "--yes")
    assert f"api {second}  " in told
    assert "no integration, and no function of shop/prod lets it in; api-1 of 20" in told
    assert (code, [each["ApiId"] for each in gateway.get_apis()["Items"]]) == (0, [used])


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"let_in": True}, {"let in by a function": 1}),
        ({"integrated": True}, {"with an integration": 1}),
        ({"days": 0}, {"younger than --min-age": 1}),
        ({"stack": "shop/staging"}, {}),
    ],
    ids=["let in", "integrated", "young", "of another stack"],
)
def test_an_api_that_somebody_may_need_stays(
    run: Run, make: Make, how: dict[str, object], why: dict[str, int]
) -> None:
    make(**how)
    _, found, _ = run("--apis", "--json")
    assert (found["apis"], found["staying"]["HTTP APIs"]) == ([], why)


def test_apis_are_not_even_listed_unless_asked_for(world: World, run: Run, make: Make) -> None:
    make()
    world.calls()
    assert run("--json")[1]["apis"] == []
    assert "GetApis" not in world.calls()


def test_an_api_that_got_its_integration_meanwhile_is_spared(
    run: Run, make: Make, gateway: ApiGatewayV2Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = make()
    monkeypatch.setattr("build.gc.deletion.is_integrated", lambda *_: True)
    _, found, _ = run("--apis", "--yes", "--json")
    assert found["spared"] == [{"name": f"api {kept}", "why": "with an integration"}]
    assert len(gateway.get_apis()["Items"]) == 1


def test_without_a_tag_no_stack_is_known(world: World, run: Run) -> None:
    world.layer("a")
    world.function(FUNCTION, [1], tags={})
    code, _, err = run("--apis")
    assert (code, err.startswith("error: --apis: no function with the layer shop-prod-deps has the tag")) == (
        2,
        True,
    )


@pytest.mark.parametrize(
    ("principal", "condition", "meant"),
    [
        (
            "apigateway.amazonaws.com",
            '{"ArnLike": {"AWS:SourceArn": "arn:aws:execute-api:r:1:abc/*/*"}}',
            True,
        ),
        (
            "apigateway.amazonaws.com",
            '{"ArnLike": {"AWS:SourceArn": "arn:aws:execute-api:r:1:abd/*/*"}}',
            False,
        ),
        ("apigateway.amazonaws.com", '{"ArnLike": {"AWS:SourceArn": "arn:aws:execute-api:r:1:*/*/*"}}', True),
        ("apigateway.amazonaws.com", "{}", True),
        ("events.amazonaws.com", '{"ArnLike": {"AWS:SourceArn": "arn:aws:events:r:1:rule/abc"}}', False),
    ],
    ids=["itself", "another", "all", "whoever it is", "a rule"],
)
def test_whom_a_policy_lets_in_is_read_from_its_source(principal: str, condition: str, meant: bool) -> None:
    policy = (
        f'{{"Statement": [{{"Effect": "Allow", "Principal": {{"Service": "{principal}"}}, '
        f'"Condition": {condition}}}]}}'
    )
    assert lets_in(policy, "abc") is meant
    assert lets_in("{", "abc")
