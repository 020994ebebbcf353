"""The schedule: an EventBridge rule that calls a function's alias."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws

from .names import alias_name


class ScheduleArgs(TypedDict):
    """When, and whom."""

    expression: str
    """Such as `rate(1 day)` or `cron(0 3 * * ? *)`, in UTC."""
    alias_arn: pulumi.Input[str]
    """The ARN of the alias that is called."""


class Schedule(pulumi.ComponentResource):
    """Calls one alias at set times, whatever version that points to."""

    rule_name: pulumi.Output[str]
    """The rule's name."""
    rule_arn: pulumi.Output[str]
    """The rule's ARN."""

    def __init__(self, name: str, args: ScheduleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lamina:index:Schedule", name, {}, opts)
        rule = aws.cloudwatch.EventRule(
            name,
            schedule_expression=args["expression"],
            # Without it, a rule that was disabled from outside goes unnoticed.
            state="ENABLED",
            opts=pulumi.ResourceOptions(parent=self),
        )
        alias = pulumi.Output.from_input(args["alias_arn"]).apply(alias_name)
        permission = aws.lambda_.Permission(
            name,
            action="lambda:InvokeFunction",
            function=alias.apply(lambda parts: parts.function),
            qualifier=alias.apply(lambda parts: parts.alias),
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.cloudwatch.EventTarget(
            name,
            rule=rule.name,
            arn=args["alias_arn"],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )
        self.rule_name = rule.name
        self.rule_arn = rule.arn
        self.register_outputs({"ruleName": self.rule_name, "ruleArn": self.rule_arn})
