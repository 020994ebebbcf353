"""The release: smoke tests of all new versions, then the ledger, then the `live` aliases."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .hooks import on_error
from .ledger import checked_pins, entry_key, set_key, smoke_digest
from .names import LIVE, region_of
from .smoke import (
    COMPARED,
    SmokeTest,
    json_text,
    judged,
    smoke_event,
    smoke_expectation,
    stale,
    tell_of_failure,
    unlike,
)


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


class ReleaseArgs(TypedDict):
    """What is released together."""

    functions: Mapping[str, ReleasedFunctionArgs]
    """By the short names that the ledger and the pins have for them: those of the function components."""
    bucket: pulumi.Input[str]
    """The name of the bucket that holds the ledger."""
    canary: NotRequired[int]
    """The percentage of each pinned function's traffic that goes to its newest version; none unless given."""


class Release(pulumi.ComponentResource):
    """Moves live traffic to versions whose code and layer were tested together, all or none.

    Every new version answers its smoke test, every answer is written to the ledger
    `releases/<function>/<version>.json`, the whole set to `releases/<function>=<version>,...json`, and only
    then does any `live` alias move. A pinned alias waits for none of it, so nothing broken can stand in its
    way; with a share for the newest version it does, because that gets traffic then.
    """

    alias_arns: Mapping[str, pulumi.Output[str]]
    """The ARN of each function's `live` alias."""
    alias_invoke_arns: Mapping[str, pulumi.Output[str]]
    """What an API Gateway integration calls each of them by."""
    versions: Mapping[str, pulumi.Output[str]]
    """The version that each of them points to."""

    def __init__(self, name: str, args: ReleaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lamina:index:Release", name, {}, opts)
        functions = args["functions"]
        # Filled as the names become known: what is told of a failed smoke test names what is live of all.
        self._names: dict[str, str] = {}
        passed: list[pulumi.Resource] = []
        versions: dict[str, pulumi.Output[str]] = {}
        for short, function in functions.items():
            smoke, versions[short] = self._smoke_test(f"{name}-{short}", short, function, args["bucket"])
            passed += [
                smoke,
                self._entry(f"{name}-{short}", short, function, args["bucket"], versions[short]),
            ]
        passed.append(self._set(name, functions, args["bucket"], versions, passed))
        aliases = self._live_aliases(name, args, passed)
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

    def _smoke_test(
        self, name: str, short: str, function: ReleasedFunctionArgs, bucket: pulumi.Input[str]
    ) -> tuple[aws.lambda_.Invocation, pulumi.Output[str]]:
        """Asks the version; gives the invocation, and the version once its answer is as expected."""
        event, expectation = _event(short, function), _expectation(short, function)
        version = _verified_version(short, function, self)
        known: list[SmokeTest] = []
        test = pulumi.Output.all(
            short=short,
            function_name=function["function_name"],
            region=pulumi.Output.from_input(function["qualified_arn"]).apply(region_of),
            version=version,
            event=event,
            expectation=expectation,
            bucket=bucket,
            key=version.apply(lambda number: entry_key(short, number)),
            entry=ledger_entry(short, function),
        ).apply(lambda parts: self._noted(SmokeTest(**parts), known))
        # The digests are triggers beside the version: if publishing failed after the code was stored, the
        # provider takes the version before it for the new one, and that must be asked again, and refuse.
        triggers: dict[str, pulumi.Input[str]] = {
            "version": version,
            "layer": function["layer_digest"],
            "code": function["code_digest"],
        }
        if "expect" in function:
            triggers["expect"] = function["expect"]
        smoke = aws.lambda_.Invocation(
            f"{name}-smoke",
            function_name=function["function_name"],
            # Over the test, so that all of it is known to whoever tells of a failure.
            qualifier=test.apply(lambda each: each.version),
            input=event,
            triggers=triggers,
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(parent=self),
                on_error(f"{name}-smoke-failed", lambda: self._tell(known)),
            ),
        )
        answered = pulumi.Output.all(test, smoke.result)
        return smoke, answered.apply(lambda parts: judged(parts[0], parts[1], self._names))

    def _tell(self, known: Sequence[SmokeTest]) -> None:
        tell_of_failure(known[0] if known else None, self._names)

    def _noted(self, test: SmokeTest, known: list[SmokeTest]) -> SmokeTest:
        known.append(test)
        self._names[test.short] = test.function_name
        return test

    def _entry(
        self,
        name: str,
        short: str,
        function: ReleasedFunctionArgs,
        bucket: pulumi.Input[str],
        passed: pulumi.Output[str],
    ) -> aws.s3.BucketObjectv2:
        # The resource is the newest entry. Its key, which has the version, replaces it, and what is replaced
        # or no longer wanted stays in the bucket: the state forgets old entries, the ledger does not.
        return aws.s3.BucketObjectv2(
            f"{name}-entry",
            bucket=bucket,
            key=passed.apply(lambda version: entry_key(short, version)),
            content=ledger_entry(short, function),
            content_type="application/json",
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )

    def _set(
        self,
        name: str,
        functions: Mapping[str, ReleasedFunctionArgs],
        bucket: pulumi.Input[str],
        versions: Mapping[str, pulumi.Output[str]],
        passed: Sequence[pulumi.Resource],
    ) -> aws.s3.BucketObjectv2:
        return aws.s3.BucketObjectv2(
            f"{name}-set",
            bucket=bucket,
            key=pulumi.Output.all(**versions).apply(set_key),
            content=pulumi.Output.json_dumps(
                {"functions": {short: _content(function) for short, function in functions.items()}},
                sort_keys=True,
                indent=2,
            ),
            content_type="application/json",
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(passed), retain_on_delete=True),
        )

    def _live_aliases(
        self, name: str, args: ReleaseArgs, passed: Sequence[pulumi.Resource]
    ) -> dict[str, aws.lambda_.Alias]:
        functions = args["functions"]
        pins = {short: each["pin"] for short, each in functions.items() if each.get("pin")}
        checked = checked_pins(args["bucket"], pins, self) if pins else None
        share = int(args.get("canary", 0)) / 100
        aliases = {}
        for short, function in functions.items():
            weighted = share and short in pins
            aliases[short] = aws.lambda_.Alias(
                f"{name}-{short}-{LIVE}",
                name=LIVE,
                function_name=function["function_name"],
                function_version=_pinned(checked, short)
                if checked and short in pins
                else function["version"],
                routing_config=_routing(function, pins[short], share, passed) if weighted else None,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[] if short in pins else list(passed)),
            )
        return aliases


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
        asked = pulumi.Output.all(_event(short, function), _expectation(short, function))
        entry["smoke"] = asked.apply(lambda parts: smoke_digest(*parts))
    return pulumi.Output.json_dumps(entry, sort_keys=True, indent=2)


def _content(function: ReleasedFunctionArgs) -> dict[str, pulumi.Input[str]]:
    return {
        "version": function["version"],
        "layer": function["layer_digest"],
        "code": function["code_digest"],
    }


def _event(short: str, function: ReleasedFunctionArgs) -> pulumi.Input[str]:
    if "event" not in function:
        return smoke_event(function["layer_digest"], function["code_digest"])
    if "code_sha256" not in function:
        raise pulumi.RunError(
            f"the function {short} has a smoke event of its own and no code_sha256: it does not say what it "
            "runs, so that its code's hash must be known"
        )
    return json_text(f"the smoke event of {short}", function["event"])


def _expectation(short: str, function: ReleasedFunctionArgs) -> pulumi.Input[str]:
    if "expect" in function:
        return json_text(f"what is expected of {short}", function["expect"])
    if "event" in function:
        return ""
    return smoke_expectation(function["layer_digest"], function["code_digest"])


def _verified_version(
    short: str, function: ReleasedFunctionArgs, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """The version, once AWS says that it has its configuration; with its own event, also layer and code.

    If publishing failed after a change of nothing but configuration, the version before it has the layer and
    code that the smoke event names, so that it would pass, and the change never go live.
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


def _pinned(checked: pulumi.Output[Mapping[str, str]], short: str) -> pulumi.Output[str]:
    return checked.apply(lambda pins: pins[short])


def _routing(
    function: ReleasedFunctionArgs, pin: str, share: float, passed: Sequence[pulumi.Resource]
) -> pulumi.Output[Any]:
    """The newest version's share, once every smoke test has passed; none where the newest is pinned."""
    # The URN of a resource is known when it has been made.
    tested = pulumi.Output.all(*[each.urn for each in passed])

    def weighed(version: str) -> pulumi.Input[Any]:
        if version == pin:
            return None
        return tested.apply(lambda _: {"additional_version_weights": {version: share}})

    return pulumi.Output.from_input(function["version"]).apply(weighed)
