"""One function's part in a release: what it is asked, its ledger entry, whether it is the right version."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .ledger import smoke_digest
from .smoke import COMPARED, json_text, smoke_event, smoke_expectation, stale, unlike


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
    code_sha256: NotRequired[pulumi.Input[str]]
    """The base64 of the SHA-256 of its code's zip; needed with an `event` of its own."""
    memory: NotRequired[pulumi.Input[int]]
    """The megabytes of memory that the version must have; not looked at unless given."""
    timeout: NotRequired[pulumi.Input[int]]
    """The seconds of its timeout; likewise."""
    variables: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Its environment variables, all of them; likewise."""
    event: NotRequired[pulumi.Input[str]]
    """What its smoke test asks, as JSON text, if its handler does not know the smoke event of Lamina."""
    expect: NotRequired[pulumi.Input[str]]
    """What must be in the answer, as JSON text: members of mappings at least, everything else exactly."""
    pin: NotRequired[str]
    """The version that `live` points to instead, if the function is pinned."""


def ledger_entry(short: str, function: ReleasedFunctionArgs) -> pulumi.Output[str]:
    """What the ledger keeps of a version: only what never changes, so the same version has the same entry."""
    entry: dict[str, Any] = {
        "function": short,
        "version": function["version"],
        "qualifiedArn": function["qualified_arn"],
        "layer": {"arn": function["layer_arn"], "digest": function["layer_digest"]},
        "code": {"digest": function["code_digest"]},
    }
    if "event" in function or "expect" in function:
        asked = pulumi.Output.all(event_of(short, function), expectation_of(short, function))
        entry["smoke"] = asked.apply(lambda parts: smoke_digest(*parts))
    return pulumi.Output.json_dumps(entry, sort_keys=True, indent=2)


def event_of(short: str, function: ReleasedFunctionArgs) -> pulumi.Input[str]:
    """What its smoke test asks, as JSON text: its own event, or the one that names layer and code.

    Raises:
        pulumi.RunError: it has an event of its own, and nothing tells which code must answer it.
    """
    if "event" not in function:
        return smoke_event(function["layer_digest"], function["code_digest"])
    if "code_sha256" not in function:
        raise pulumi.RunError(
            f"the function {short} has a smoke event of its own and no code_sha256: it does not say what it "
            "runs, so that its code's hash must be known"
        )
    return json_text(f"the smoke event of {short}", function["event"])


def expectation_of(short: str, function: ReleasedFunctionArgs) -> pulumi.Input[str]:
    """What must be in the answer, as JSON text; empty where an event of its own expects nothing."""
    if "expect" in function:
        return json_text(f"what is expected of {short}", function["expect"])
    if "event" in function:
        return ""
    return smoke_expectation(function["layer_digest"], function["code_digest"])


def verified_version(
    short: str, function: ReleasedFunctionArgs, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """The version, once AWS says that it has its configuration; with its own event, also layer and code.

    If publishing failed after a change of nothing but configuration, the version before it has the layer and
    code that the smoke event names, so that it would pass, and the change never go live.

    Args:
        short: the function's short name.
        function: its part in the release.
        parent: the component whose provider is asked.

    Returns:
        The version. Waiting for it raises pulumi.RunError where it is another than was to be published.
    """
    version = pulumi.Output.from_input(function["version"])
    wanted = {name: value for name, value in function.items() if name in COMPARED}
    if "event" not in function and not wanted:
        return version

    def described(parts: Sequence[str]) -> pulumi.Output[aws.lambda_.GetFunctionResult]:
        return aws.lambda_.get_function_output(
            function_name=parts[0], qualifier=parts[1], opts=pulumi.InvokeOutputOptions(parent=parent)
        )

    # Asked with plain values: an engine that thinks that what they come from is not there yet says nothing;
    # Pulumi's thinks so of components that YAML programs have from a package.
    named = pulumi.Output.all(function["function_name"], version)
    found: pulumi.Output[aws.lambda_.GetFunctionResult] = named.apply(described)

    def verified(parts: Mapping[str, Any]) -> str:
        faults = [unlike(parts, parts["wanted"])]
        if "event" in function:
            faults.insert(0, stale(parts, parts["arn"], parts["sha256"]))
        if any(faults):
            told = " and ".join(filter(None, faults))
            raise pulumi.RunError(
                f"version {parts['version']} of {short} is not the one that was to be published: {told}; "
                "set lamina:attempt to another number, which publishes it anew"
            )
        return str(parts["version"])

    known = pulumi.Output.all(
        codeSha256=found.code_sha256,
        layers=found.layers,
        memory=found.memory_size,
        timeout=found.timeout,
        variables=found.environment.apply(lambda there: None if there is None else there.variables),
        wanted=wanted,
        arn=function["layer_arn"],
        sha256=function.get("code_sha256", ""),
        version=version,
    )
    # Of the variables, which may be secret, the number of a version tells nothing.
    return pulumi.Output.unsecret(known.apply(verified))
