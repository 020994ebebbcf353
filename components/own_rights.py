"""What every function may do, whatever its code does: log, trace, and have an interface in its VPC."""

from __future__ import annotations

from .policy import statement

# What Lambda does to a function's network interfaces in a VPC, with the function's role.
INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
)


def own_statements(log_group_arn: str, function: str, *, in_vpc: bool) -> list[str]:
    """What every function may do: write to its own log group, send traces, and in a VPC have an interface.

    Args:
        log_group_arn: without a trailing `:*`.
        function: its name.
        in_vpc: whether the function runs in a VPC.

    Returns:
        Policy statements as JSON text. `*` stands where AWS knows nothing narrower: X-Ray's sending actions
        have no resources, and Lambda wants the interface actions on all of the account's (AWS Lambda
        Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC"). Those are Lambda's
        to use: the function's own code is denied them, as that page recommends.
    """
    statements = [
        statement(["logs:CreateLogStream", "logs:PutLogEvents"], [f"{log_group_arn}:*"]),
        statement(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]),
    ]
    if in_vpc:
        _, partition, _, region, account, *_ = log_group_arn.split(":")
        itself = f"arn:{partition}:lambda:{region}:{account}:function:{function}"
        statements += [
            statement(["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], ["*"]),
            statement(INTERFACES, [f"arn:{partition}:ec2:{region}:{account}:*/*"]),
            statement(
                ["ec2:DescribeNetworkInterfaces", *INTERFACES],
                ["*"],
                effect="Deny",
                condition={"ArnEquals": {"lambda:SourceFunctionArn": itself}},
            ),
        ]
    return statements
