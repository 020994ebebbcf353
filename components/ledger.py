"""The ledger in the artifacts bucket: which versions passed their smoke tests, alone and together."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

import pulumi
import pulumi_aws as aws

PREFIX = "releases/"
# The provider lists 1,000 unless told more; a function that was released daily for 25 years has fewer.
MOST_VERSIONS = 10_000
_ENTRY = re.compile(r"releases/[^/]+/([1-9][0-9]*)\.json", re.ASCII)


def entry_key(short: str, version: str) -> str:
    """The key of a version's entry."""
    return f"{PREFIX}{short}/{version}.json"


def set_key(versions: Mapping[str, str]) -> str:
    """The key of a release all of whose smoke tests passed: sorted, so that a set of versions has one key."""
    return f"{PREFIX}{','.join(f'{name}={version}' for name, version in sorted(versions.items()))}.json"


def smoke_digest(event: str, expectation: str) -> str:
    """What an entry says of a smoke test of the function's own: another test is another entry."""
    return hashlib.sha256(f"{len(event)} {event}{expectation}".encode()).hexdigest()


def checked_pins(
    bucket: pulumi.Input[str], pins: Mapping[str, str], parent: pulumi.Resource
) -> pulumi.Output[Mapping[str, str]]:
    """Pins that the ledger has.

    It is asked through the provider, so with the deployment's own credentials and region. While the bucket
    is not known, in the first preview of a stack, nothing is asked.

    Args:
        bucket: of the ledger.
        pins: version by function.
        parent: the component whose provider is asked.

    Returns:
        The pins. Waiting for them raises pulumi.RunError with all that are wrong.
    """

    def listed(known: str) -> pulumi.Output[Mapping[str, Sequence[str]]]:
        found = {
            name: aws.s3.get_objects_output(
                bucket=known,
                prefix=f"{PREFIX}{name}/",
                max_keys=MOST_VERSIONS,
                opts=pulumi.InvokeOutputOptions(parent=parent),
            ).keys
            for name in sorted(pins)
        }
        return pulumi.Output.all(**found)

    def checked(keys: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
        faults = wrong_pins(pins, keys)
        if faults:
            raise pulumi.RunError(f"the pins are wrong: {'; '.join(faults)}")
        return pins

    keys: pulumi.Output[Mapping[str, Sequence[str]]] = pulumi.Output.from_input(bucket).apply(listed)
    return keys.apply(checked)


def wrong_pins(pins: Mapping[str, str], keys: Mapping[str, Iterable[str]]) -> list[str]:
    """What is wrong with pins, one sentence each.

    Args:
        pins: version by function.
        keys: the keys of each function's entries.
    """
    faults = []
    for name, version in sorted(pins.items()):
        found = sorted(int(match[1]) for key in keys[name] if (match := _ENTRY.fullmatch(key)))
        if int(version) not in found:
            there = ", ".join(map(str, found)) or "none"
            faults.append(
                f"lamina:pin.{name} is {version}, which is not in the ledger of versions that passed their "
                f"smoke tests; of {name} it has {there}"
            )
    return faults
