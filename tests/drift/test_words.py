"""The sentences about what was changed outside."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drift.findings import Difference, Drift
from drift.words import changes, subject

OWN = {"Effect": "Deny", "Action": "s3:*", "Principal": "*", "Resource": "arn:aws:s3:::b"}
OTHER = {
    "Effect": "Allow",
    "Action": ["s3:GetObject"],
    "Principal": {"AWS": "*"},
    "Resource": "arn:aws:s3:::b/*",
}
LAYER = "arn:aws:lambda:us-west-2:123456789012:layer:deps:3"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.mark.parametrize(
    ("path", "before", "now", "said"),
    [
        (("functionVersion",), "3", "1", ["it points to version 1, not 3"]),
        (
            ("routingConfig",),
            None,
            {"additionalVersionWeights": {"1": "0.25"}},
            ["25 % of its calls go to version 1"],
        ),
        (
            ("routingConfig",),
            {"additionalVersionWeights": {"1": "0.25"}},
            None,
            ["its weights were taken away: all calls go to one version"],
        ),
        (("layers",), [LAYER], None, ["it runs with no layer, not with deps:3"]),
        (
            ("codeSha256",),
            "a" * 44,
            "b" * 44,
            [f"it runs other code: its SHA-256 is {'b' * 12}…, not {'a' * 12}…"],
        ),
        (
            ("environment", "variables", "A"),
            "1",
            None,
            ['its environment variable A was taken away; it was "1"'],
        ),
        (("enabled",), True, False, ["it is disabled"]),
        (("state",), "ENABLED", "DISABLED", ["it is disabled"]),
        (
            ("scheduleExpression",),
            "rate(1 day)",
            "rate(1 hour)",
            ["it runs at rate(1 hour), not at rate(1 day)"],
        ),
        (("memorySize",), 512, 128, ["its memory size is 128, not 512"]),
        (("policy",), policy(OWN), "?", ["it no longer says: Deny s3:* to everybody on arn:aws:s3:::b"]),
        (
            ("policy",),
            policy(OWN),
            policy(OWN, OTHER),
            ["it says: Allow s3:GetObject to everybody on arn:aws:s3:::b/*"],
        ),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)
def test_a_change_is_a_sentence(path: tuple[str, ...], before: Any, now: Any, said: list[str]) -> None:
    drift = Drift("urn", "aws:x/y:Y", "thing", {}, False, (Difference(path, before, now),), "update")
    assert changes(drift) == said


def test_a_resource_is_named_as_it_is_in_aws() -> None:
    state = {"name": "live", "functionName": "lamina-staging-api"}
    drift = Drift("urn", "aws:lambda/alias:Alias", "release-api-live", state, True, (), "create")
    assert subject(drift) == "the alias live of lamina-staging-api"


def test_a_resource_whose_state_lacks_its_name_is_named_as_in_the_program() -> None:
    drift = Drift("urn", "aws:lambda/alias:Alias", "release-api-live", {}, True, (), "create")
    assert subject(drift) == "aws:lambda/alias:Alias release-api-live"
