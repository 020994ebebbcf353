"""The release: smoke tests of all new versions, then the ledger, then the `live` aliases."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .hooks import on_error
from .ledger import checked_pins, entry_key, set_key
from .names import LIVE, region_of
from .released import ReleasedFunctionArgs, event_of, expectation_of, ledger_entry, verified_version
from .smoke import SmokeTest, judged, tell_of_failure


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
        event, expectation = event_of(short, function), expectation_of(short, function)
        version = verified_version(short, function, self)
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


def _content(function: ReleasedFunctionArgs) -> dict[str, pulumi.Input[str]]:
    return {
        "version": function["version"],
        "layer": function["layer_digest"],
        "code": function["code_digest"],
    }


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
