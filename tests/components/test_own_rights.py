"""What every function may do: no more in a VPC than Lambda needs, and nothing of that by its own code."""

from __future__ import annotations

import json

from components.own_rights import INTERFACES, own_statements

LOGS = "arn:aws:logs:us-west-2:123456789012:log-group:/aws/lambda/lamina-staging-api"


def test_only_a_function_in_a_vpc_may_have_interfaces() -> None:
    outside = "".join(own_statements(LOGS, "lamina-staging-api", in_vpc=False))
    inside = "".join(own_statements(LOGS, "lamina-staging-api", in_vpc=True))
    assert "ec2:" not in outside
    assert "ec2:CreateNetworkInterface" in inside
    assert "arn:aws:ec2:us-west-2:123456789012:*/*" in inside


def test_what_lambda_does_with_interfaces_the_functions_own_code_may_not() -> None:
    denied = json.loads(own_statements(LOGS, "lamina-staging-api", in_vpc=True)[-1])
    assert denied["Effect"] == "Deny"
    assert {*INTERFACES, "ec2:DescribeNetworkInterfaces"} == set(denied["Action"])
    itself = "arn:aws:lambda:us-west-2:123456789012:function:lamina-staging-api"
    assert denied["Condition"] == {"ArnEquals": {"lambda:SourceFunctionArn": itself}}
