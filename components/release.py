"""The release: smoke tests of all new versions, then the ledger, then the `live` aliases."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .names import LIVE


class ReleasedFunctionArgs(TypedDict):
    """One function's part in a release."""

    function_name: pulumi.Input[str]
    """The function's name."""
    version: pulumi.Input[str]
    """The version to release."""
    qualified_arn: pulumi.Input[str]
    """That version's ARN."""
    layer_arn: pulumi.Input[str]
    """The ARN of the layer version that it must run with."""
    layer_digest: pulumi.Input[str]
    """That layer's digest."""
    code_digest: pulumi.Input[str]
    """The digest of the code that it must run."""
    pin: NotRequired[str]
    """The version that `live` points to instead, if the function is pinned."""


class ReleaseArgs(TypedDict):
    """What is released together."""

    functions: Mapping[str, ReleasedFunctionArgs]
    """By the short names that the ledger and the pins have for them."""
    bucket: pulumi.Input[str]
    """The name of the bucket that holds the ledger."""


class Release(pulumi.ComponentResource):
    """Moves live traffic to versions whose code and layer were tested together, all or none.

    Every new version answers the smoke event, every answer is written to the ledger
    `releases/<function>/<version>.json`, and only then does any `live` alias move. A pinned alias waits for
    none of it, so nothing broken can stand in its way.
    """

    alias_arns: Mapping[str, pulumi.Output[str]]
    """The ARN of each function's `live` alias."""
    alias_invoke_arns: Mapping[str, pulumi.Output[str]]
    """What an API Gateway integration calls each of them by."""
    versions: Mapping[str, pulumi.Output[str]]
    """The version that each of them points to."""

    def __init__(self, name: str, args: ReleaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lamina:index:Release", name, {}, opts)
        passed: list[pulumi.Resource] = []
        for short, function in args["functions"].items():
            smoke = self._smoke_test(f"{name}-{short}", function)
            entry = self._ledger_entry(f"{name}-{short}", short, function, args["bucket"], smoke)
            passed += [smoke, entry]
        aliases = {
            short: self._alias(f"{name}-{short}", function, passed)
            for short, function in args["functions"].items()
        }
        self.alias_arns = {short: alias.arn for short, alias in aliases.items()}
        self.alias_invoke_arns = {short: alias.invoke_arn for short, alias in aliases.items()}
        self.versions = {short: alias.function_version for short, alias in aliases.items()}
        self.register_outputs(
            {
                "aliasArns": self.alias_arns,
                "aliasInvokeArns": self.alias_invoke_arns,
                "versions": self.versions,
            }
        )

    def _smoke_test(self, name: str, function: ReleasedFunctionArgs) -> aws.lambda_.Invocation:
        # The digests are triggers beside the version: if publishing failed after the code was stored, the
        # provider takes the version before it for the new one, and that must be asked again, and refuse.
        return aws.lambda_.Invocation(
            f"{name}-smoke",
            function_name=function["function_name"],
            qualifier=function["version"],
            input=smoke_event(function["layer_digest"], function["code_digest"]),
            triggers={
                "version": function["version"],
                "layer": function["layer_digest"],
                "code": function["code_digest"],
            },
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _ledger_entry(
        self,
        name: str,
        short: str,
        function: ReleasedFunctionArgs,
        bucket: pulumi.Input[str],
        smoke: aws.lambda_.Invocation,
    ) -> aws.s3.BucketObjectv2:
        # The resource is the newest entry. Its key, which has the version, replaces it, and what is replaced
        # or no longer wanted stays in the bucket: the state forgets old entries, the ledger does not.
        return aws.s3.BucketObjectv2(
            f"{name}-entry",
            bucket=bucket,
            key=pulumi.Output.format("releases/{0}/{1}.json", short, function["version"]),
            content=ledger_entry(short, function),
            content_type="application/json",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[smoke], retain_on_delete=True),
        )

    def _alias(
        self, name: str, function: ReleasedFunctionArgs, passed: Sequence[pulumi.Resource]
    ) -> aws.lambda_.Alias:
        pin = function.get("pin")
        return aws.lambda_.Alias(
            f"{name}-{LIVE}",
            name=LIVE,
            function_name=function["function_name"],
            function_version=pin or function["version"],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[] if pin else list(passed)),
        )


def smoke_event(layer: pulumi.Input[str], code: pulumi.Input[str]) -> pulumi.Output[str]:
    """The event that a version answers only if it runs exactly this layer and this code, as JSON text."""
    return pulumi.Output.json_dumps(
        {"lamina": {"smoke": {"layer": layer, "code": code}}}, sort_keys=True, separators=(",", ":")
    )


def ledger_entry(short: str, function: ReleasedFunctionArgs) -> pulumi.Output[str]:
    """What the ledger keeps of a version: only what never changes, so the same version has the same entry."""
    return pulumi.Output.json_dumps(
        {
            "function": short,
            "version": function["version"],
            "qualifiedArn": function["qualified_arn"],
            "layer": {"arn": function["layer_arn"], "digest": function["layer_digest"]},
            "code": {"digest": function["code_digest"]},
        },
        sort_keys=True,
        indent=2,
    )
