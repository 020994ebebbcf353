"""Smoke tests: what a new version is asked, what it must answer, and what is told when it does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pulumi

from . import asking
from .asking import Answer

# The settings by which a version of an earlier configuration is told from one that is published now.
COMPARED = ("memory", "timeout", "variables")


@dataclass(frozen=True, slots=True)
class SmokeTest:
    """The smoke test of one version, all of it known.

    Attributes:
        short: the function's short name.
        function_name: its name in AWS.
        region: where it is.
        version: that is asked.
        event: what it is asked, as JSON text.
        expectation: what must be in its answer, as JSON text; nothing where empty.
        bucket: of the ledger.
        key: of the version's entry there.
        entry: that entry's content.
    """

    short: str
    function_name: str
    region: str
    version: str
    event: str
    expectation: str
    bucket: str
    key: str
    entry: str


def smoke_event(layer: pulumi.Input[str], code: pulumi.Input[str]) -> pulumi.Output[str]:
    """The event that a version answers only if it runs exactly this layer and this code, as JSON text."""
    return pulumi.Output.json_dumps(
        {"lamina": {"smoke": {"layer": layer, "code": code}}}, sort_keys=True, separators=(",", ":")
    )


def smoke_expectation(layer: pulumi.Input[str], code: pulumi.Input[str]) -> pulumi.Output[str]:
    """What must be in the answer to that event: a handler that does not know the event says no such thing."""
    return pulumi.Output.json_dumps({"lamina": {"layer": layer, "code": code}}, sort_keys=True)


def json_text(what: str, text: pulumi.Input[str]) -> pulumi.Output[str]:
    """Text that must be JSON.

    Args:
        what: it is, for the error.
        text: possibly known later.

    Returns:
        The text. Waiting for it raises pulumi.RunError where it is no JSON.
    """

    def checked(known: str) -> str:
        try:
            json.loads(known)
        except ValueError as error:
            raise pulumi.RunError(f"{what} is no JSON: {error}") from None
        return known

    return pulumi.Output.from_input(text).apply(checked)


def unmet(answer: str, expectation: str) -> str:
    """How an answer differs from what must be in it.

    Args:
        answer: JSON text.
        expectation: JSON text. A mapping's members must all be in the answer's, which may have more;
            everything else must be equal. Nothing is expected where it is empty.

    Returns:
        One sentence, or nothing where all is met.
    """
    if not expectation:
        return ""
    try:
        found = json.loads(answer)
    except ValueError:
        return f"{answer!r} is no JSON"
    return _difference(found, json.loads(expectation), "")


def stale(found: Mapping[str, Any], layer_arn: str, code_sha256: str) -> str:
    """Whether a published version is another than the one that was to be published.

    Args:
        found: `codeSha256` and `layers` of the version, as AWS has them.
        layer_arn: the layer version that it must have.
        code_sha256: the base64 of its code's SHA-256.

    Returns:
        One sentence, or nothing where it is the right one.
    """
    faults = []
    if found["codeSha256"] != code_sha256:
        faults.append(f"it has the code {found['codeSha256']} where {code_sha256} was uploaded")
    if layer_arn not in found["layers"]:
        faults.append(f"it has the layers {', '.join(found['layers']) or 'none'} and not {layer_arn}")
    return " and ".join(faults)


def unlike(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Whether a published version has other settings than those that were to be published.

    Args:
        found: `memory`, `timeout` and `variables` of the version, as AWS has them; None for what it does not
            tell, such as variables that are sealed with a key of somebody else.
        wanted: the same, as far as it is compared.

    Returns:
        One sentence without any variable's value, which may be secret; nothing where all is alike.
    """
    faults = [
        f"its {name} is {found[name]:g} and not {wanted[name]:g}"
        for name in ("memory", "timeout")
        if name in wanted and found[name] is not None and found[name] != wanted[name]
    ]
    there, meant = found["variables"], wanted.get("variables")
    if there is not None and meant is not None:
        names = sorted(name for name in {*there, *meant} if there.get(name) != meant.get(name))
        faults += [f"it has other environment variables ({', '.join(names)})"] if names else []
    return " and ".join(faults)


async def judged(test: SmokeTest, result: str, names: Mapping[str, str]) -> str:
    """Judges the answer that a version gave when it was invoked.

    The engine keeps that answer with the invocation and does not ask again. So one that was not as expected
    is asked for anew here, until it is: then the ledger has the version's entry, and that counts.

    Args:
        test: what was asked.
        result: what the version answered then.
        names: the names in AWS of all functions of the release, by short name.

    Returns:
        The version.

    Raises:
        pulumi.RunError: it does not answer as expected.
    """
    fault = unmet(result, test.expectation)
    if not fault:
        return test.version
    if pulumi.runtime.is_dry_run():
        pulumi.log.warn(
            f"{test.short} {test.version} did not answer its smoke test as expected ({fault}); "
            "the update asks it again"
        )
        return test.version
    if await asyncio.to_thread(_passed_since, test):
        return test.version
    told = await asyncio.to_thread(_asked_again, test, names)
    if told:
        raise pulumi.RunError(told)
    return test.version


def tell_of_failure(test: SmokeTest | None, names: Mapping[str, str]) -> None:
    """Says why a version failed when it was invoked, as one diagnostic of the run.

    Args:
        test: that failed; None while it is not known, which is nothing to tell of.
        names: as for `judged`.
    """
    if test is None:
        return
    # Without an expectation: what matters is why the version failed.
    told = _asked_again(replace(test, expectation=""), names)
    passes = f"{test.short} {test.version} failed its smoke test, and answers it now; run the update again"
    pulumi.log.error(told or passes)


def explanation(test: SmokeTest, answer: Answer, fault: str, live: str) -> str:
    """What someone needs to know of a failed smoke test: whose, what went wrong, its log, what is live."""
    lines = asking.log_lines(answer.log)
    told = [f"{test.short} {test.version} failed its smoke test: {fault}"]
    told += ["the end of its log:", *(f"    {line}" for line in lines)] if lines else ["it logged nothing"]
    return "\n  ".join([*told, f"no alias has moved for it; live is {live}"])


def _asked_again(test: SmokeTest, names: Mapping[str, str]) -> str:
    """What is wrong with a version's answer, with all that explains it; nothing if it is as expected."""
    try:
        answer = asking.ask(test.function_name, test.version, test.event, test.region)
        fault = answer.error if answer.failed else unmet(answer.text, test.expectation)
        return explanation(test, answer, fault, asking.live(names, test.region)) if fault else ""
    except Exception as error:  # noqa: BLE001 (whatever boto3 raises must not hide the failure itself)
        reason = " ".join(str(error).split())
        return f"{test.short} {test.version} failed its smoke test; why cannot be asked: {reason}"


def _passed_since(test: SmokeTest) -> bool:
    try:
        return asking.written(test.bucket, test.key, test.region) == test.entry
    except Exception:  # noqa: BLE001 (then it is asked again, which is never wrong)
        return False


def _difference(found: Any, wanted: Any, path: str) -> str:
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key, value in wanted.items():
            place = f"{path}.{key}" if path else key
            if key not in found:
                return f"the answer has no {place}"
            fault = _difference(found[key], value, place)
            if fault:
                return fault
        return ""
    if found == wanted and isinstance(found, bool) == isinstance(wanted, bool):
        return ""
    return f"{path or 'the answer'} is {json.dumps(found)} where {json.dumps(wanted)} is expected"
