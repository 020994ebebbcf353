"""The release: what comes before what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi
import pulumi_aws as aws
import pytest

from components.release import Release
from components.released import ReleasedFunctionArgs

from .program import Registered, Run, run

LAYER, CODE = "a" * 64, "c" * 64
NAMES = ("api", "worker", "cleanup")


SHA256 = "c2hh"


def released(name: str, pin: str = "", version: str = "3") -> ReleasedFunctionArgs:
    arn = f"arn:aws:lambda:us-west-2:123456789012:function:lamina-staging-{name}"
    return {
        "function_name": f"lamina-staging-{name}",
        "version": version,
        "qualified_arn": f"{arn}:{version}",
        "layer_arn": "arn:aws:lambda:us-west-2:123456789012:layer:deps:7",
        "layer_digest": LAYER,
        "code_digest": CODE,
        "pin": pin,
    }


def listed(args: Mapping[str, Any]) -> Mapping[str, Any]:
    """A ledger in which versions 1 to 3 of every function passed."""
    assert args["bucket"] == "artifacts"
    return {"keys": [f"{args['prefix']}{version}.json" for version in (1, 2, 3)]}


def release(
    pins: dict[str, str] | None = None,
    *,
    failing: str | None = None,
    canary: int = 0,
    api: Mapping[str, Any] | None = None,
    published: Mapping[str, Any] | None = None,
    preview: bool = False,
) -> Run:
    """Runs a release; `api` is more of its arguments, `published` what AWS says of its version."""

    def program() -> None:
        functions = {name: released(name, (pins or {}).get(name, "")) for name in NAMES}
        functions["api"] = cast("ReleasedFunctionArgs", {**functions["api"], **(api or {})})
        made = Release("release", {"functions": functions, "bucket": "artifacts", "canary": canary})
        pulumi.export("versions", made.versions)
        pulumi.export("arns", made.alias_arns)

    answers = {"getObjects": listed, "getFunction": lambda _: published or {}}
    return run(program, failing=failing, answers=answers, preview=preview)


def refused(**options: Any) -> str:
    with pytest.raises(pulumi.RunError) as caught:
        release(**options)
    return str(caught.value)


def alias(found: Run, name: str) -> Registered:
    return found.one("Alias", f"release-{name}-live")


def test_every_new_version_is_asked_for_exactly_its_layer_and_code() -> None:
    found = release()
    assert len(found.all("Invocation")) == 3
    smoke = found.one("Invocation", "release-api-smoke")
    assert smoke.inputs["functionName"] == "lamina-staging-api"
    assert smoke.inputs["qualifier"] == "3"
    assert smoke.json("input") == {"lamina": {"smoke": {"layer": LAYER, "code": CODE}}}


def test_another_version_layer_or_code_asks_again() -> None:
    smoke = release().one("Invocation", "release-worker-smoke")
    assert smoke.inputs["triggers"] == {"version": "3", "layer": LAYER, "code": CODE}


@pytest.mark.parametrize("name", NAMES)
def test_no_alias_moves_before_every_smoke_test_has_passed(name: str) -> None:
    found = release()
    for smoke in found.all("Invocation"):
        assert found.waits_for(alias(found, name), smoke)


def test_live_points_to_the_version_that_was_tested() -> None:
    found = release()
    assert {each.inputs["functionVersion"] for each in found.all("Alias")} == {"3"}
    assert {each.inputs["name"] for each in found.all("Alias")} == {"live"}


def test_a_pinned_alias_points_to_its_pin_and_waits_for_no_smoke_test() -> None:
    found = release({"api": "2"})
    assert alias(found, "api").inputs["functionVersion"] == "2"
    assert not any(found.waits_for(alias(found, "api"), smoke) for smoke in found.all("Invocation"))
    assert found.waits_for(alias(found, "worker"), found.one("Invocation", "release-api-smoke"))


def test_a_failed_smoke_test_leaves_every_unpinned_alias_where_it_was() -> None:
    found = release({"api": "2"}, failing="release-worker-smoke")
    assert found.error == "release-worker-smoke failed"
    assert [each.name for each in found.all("Alias")] == ["release-api-live"]
    assert "releases/worker/3.json" not in {each.inputs["key"] for each in found.all("BucketObjectv2")}


def test_the_ledger_has_an_entry_for_each_version_after_its_smoke_test() -> None:
    found = release()
    entry = found.one("BucketObjectv2", "release-api-entry")
    assert (entry.inputs["bucket"], entry.inputs["key"]) == ("artifacts", "releases/api/3.json")
    assert found.waits_for(entry, found.one("Invocation", "release-api-smoke"))
    assert entry.json("content") == {
        "function": "api",
        "version": "3",
        "qualifiedArn": "arn:aws:lambda:us-west-2:123456789012:function:lamina-staging-api:3",
        "layer": {"arn": "arn:aws:lambda:us-west-2:123456789012:layer:deps:7", "digest": LAYER},
        "code": {"digest": CODE},
    }


def test_entries_of_the_ledger_stay_when_the_state_lets_go_of_them() -> None:
    assert all(entry.retained for entry in release().all("BucketObjectv2"))


def test_no_version_goes_live_before_the_ledger_has_it() -> None:
    found = release()
    for entry in found.all("BucketObjectv2"):
        assert found.waits_for(alias(found, "cleanup"), entry)


def test_outputs_are_by_function_and_tell_what_is_live() -> None:
    outputs = release({"api": "2"}).outputs
    assert outputs["versions"] == {"api": "2", "worker": "3", "cleanup": "3"}
    assert outputs["arns"]["api"].endswith(":function:lamina-staging-api:live")


def test_all_parts_are_the_releases_own() -> None:
    found = release()
    component = found.one("Release")
    assert component.type == "lamina:index:Release"
    assert {each.parent for each in found.resources if each is not component} == {component.urn}


def test_a_set_of_versions_is_in_the_ledger_after_all_their_smoke_tests_and_before_any_alias() -> None:
    found = release({"api": "2"})
    written = found.one("BucketObjectv2", "release-set")
    assert written.inputs["key"] == "releases/api=3,cleanup=3,worker=3.json"
    assert written.json("content")["functions"]["api"] == {"version": "3", "layer": LAYER, "code": CODE}
    assert all(found.waits_for(written, smoke) for smoke in found.all("Invocation"))
    assert found.waits_for(alias(found, "worker"), written)


def test_all_pins_that_the_ledger_does_not_have_are_refused_at_once() -> None:
    message = refused(pins={"api": "7", "worker": "2", "cleanup": "9"})
    assert "lamina:pin.api is 7, which is not in the ledger" in message
    assert "lamina:pin.cleanup is 9" in message
    assert "of cleanup it has 1, 2, 3" in message
    assert "pin.worker" not in message


def test_a_canary_sends_its_share_to_the_newest_version_and_waits_for_every_smoke_test() -> None:
    found = release({"api": "2"}, canary=10)
    weighted = alias(found, "api")
    assert weighted.inputs["functionVersion"] == "2"
    assert weighted.inputs["routingConfig"] == {"additionalVersionWeights": {"3": 0.1}}
    assert all(found.waits_for(weighted, smoke) for smoke in found.all("Invocation"))


def test_a_canary_leaves_an_alias_whose_newest_version_is_pinned_without_weights_and_waiting() -> None:
    found = release({"api": "3"}, canary=10)
    assert "routingConfig" not in alias(found, "api").inputs
    assert not any(found.waits_for(alias(found, "api"), smoke) for smoke in found.all("Invocation"))


def test_what_follows_the_newest_version_has_no_weights() -> None:
    assert "routingConfig" not in alias(release({"api": "2"}, canary=10), "worker").inputs


OWN = {"event": '{"ping": 1}', "code_sha256": SHA256}
PUBLISHED = {"codeSha256": SHA256, "layers": ["arn:aws:lambda:us-west-2:123456789012:layer:deps:7"]}


def test_a_function_can_be_asked_something_of_its_own() -> None:
    found = release(api={**OWN, "expect": '{"ping": 1}'}, published=PUBLISHED)
    smoke = found.one("Invocation", "release-api-smoke")
    assert smoke.json("input") == {"ping": 1}
    assert smoke.inputs["triggers"]["expect"] == '{"ping": 1}'
    assert "smoke" in found.one("BucketObjectv2", "release-api-entry").json("content")


@pytest.mark.parametrize(
    ("published", "told"),
    [
        ({**PUBLISHED, "codeSha256": "b2xk"}, "it has the code b2xk where c2hh was uploaded"),
        ({**PUBLISHED, "layers": ["old"]}, "it has the layers old and not arn:aws:lambda:"),
        ({**PUBLISHED, "layers": []}, "it has the layers none and not arn:aws:lambda:"),
    ],
    ids=["code", "layer", "no layer"],
)
def test_a_version_that_does_not_say_what_it_runs_is_looked_up_before_it_is_asked(
    published: dict[str, Any], told: str
) -> None:
    message = refused(api=OWN, published=published)
    assert f"version 3 of api is not the one that was to be published: {told}" in message
    assert "set lamina:attempt to another number" in message


CONFIGURED = {"memory": 512, "timeout": 30, "variables": {"TOKEN": "hunter22", "B": "2"}}
ALIKE = {"memorySize": 512, "timeout": 30, "environment": {"variables": {"TOKEN": "hunter22", "B": "2"}}}


@pytest.mark.parametrize(
    ("published", "told"),
    [
        ({**ALIKE, "memorySize": 128}, "its memory is 128 and not 512"),
        ({**ALIKE, "timeout": 3}, "its timeout is 3 and not 30"),
        (
            {**ALIKE, "environment": {"variables": {"TOKEN": "old", "B": "2", "C": "3"}}},
            "it has other environment variables (C, TOKEN)",
        ),
    ],
    ids=["memory", "timeout", "variables"],
)
def test_a_version_with_another_configuration_than_was_to_be_published_is_refused(
    published: dict[str, Any], told: str
) -> None:
    message = refused(api=CONFIGURED, published=published)
    assert f"version 3 of api is not the one that was to be published: {told}; set lamina:attempt" in message
    assert "hunter22" not in message


@pytest.mark.parametrize("published", [ALIKE, {}], ids=["alike", "not told"])
def test_a_version_with_its_configuration_is_asked(published: dict[str, Any]) -> None:
    found = release(api=CONFIGURED, published=published)
    assert found.one("Invocation", "release-api-smoke").inputs["qualifier"] == "3"


def test_an_own_event_needs_the_hash_of_the_code() -> None:
    assert "api has a smoke event of its own and no code_sha256" in refused(api={"event": "{}"})


@pytest.mark.parametrize(
    ("more", "what"),
    [({**OWN, "event": "{"}, "the smoke event of api"), ({"expect": "{"}, "what is expected of api")],
    ids=["event", "expectation"],
)
def test_what_is_no_json_is_told(more: dict[str, str], what: str) -> None:
    assert f"{what} is no JSON" in refused(api=more, published=PUBLISHED)


def test_a_preview_of_a_new_stack_asks_the_ledger_nothing() -> None:
    def program() -> None:
        bucket = aws.s3.Bucket("artifacts").bucket
        functions = {"api": released("api", "7")}
        Release("release", {"functions": functions, "bucket": bucket, "canary": 5})

    assert run(program, preview=True).one("Alias").name == "release-api-live"
