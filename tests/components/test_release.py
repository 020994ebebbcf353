"""The release: what comes before what."""

from __future__ import annotations

import pulumi
import pytest

from components.release import Release, ReleasedFunctionArgs

from .program import Registered, Run, run

LAYER, CODE = "a" * 64, "c" * 64
NAMES = ("api", "worker", "cleanup")


def released(name: str, pin: str = "") -> ReleasedFunctionArgs:
    arn = f"arn:aws:lambda:us-west-2:123456789012:function:lamina-staging-{name}"
    return {
        "function_name": f"lamina-staging-{name}",
        "version": "3",
        "qualified_arn": f"{arn}:3",
        "layer_arn": "arn:aws:lambda:us-west-2:123456789012:layer:deps:7",
        "layer_digest": LAYER,
        "code_digest": CODE,
        "pin": pin,
    }


def release(pins: dict[str, str] | None = None, *, failing: str | None = None) -> Run:
    def program() -> None:
        functions = {name: released(name, (pins or {}).get(name, "")) for name in NAMES}
        made = Release("release", {"functions": functions, "bucket": "artifacts"})
        pulumi.export("versions", made.versions)
        pulumi.export("arns", made.alias_arns)

    return run(program, failing=failing)


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
