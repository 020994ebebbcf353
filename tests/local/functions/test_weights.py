from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.server import Server, serve

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

Make = Callable[..., Any]


@pytest.fixture(params=[0.29, 0.31], ids=["below", "above"])
def drawn(request: pytest.FixtureRequest) -> float:
    value: float = request.param
    return value


@pytest.fixture
def cloud(drawn: float) -> Iterator[Server]:
    """An embedded AWS that always draws the same number."""
    with serve(managed_policies=False, draw=lambda: drawn) as server:
        yield server


def test_weights_share_out_the_calls(lambda_client: LambdaClient, make_function: Make, drawn: float) -> None:
    make_function(Publish=True)
    lambda_client.update_function_configuration(FunctionName="echo", Timeout=9)
    lambda_client.publish_version(FunctionName="echo")
    lambda_client.create_alias(
        FunctionName="echo",
        Name="live",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.3}},
    )
    ran = lambda_client.invoke(FunctionName="echo", Qualifier="live")["ExecutedVersion"]
    assert ran == ("2" if drawn < 0.3 else "1")
