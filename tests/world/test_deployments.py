"""Whatever is deployed, broken, drifted, pinned, destroyed, in any order: the promises hold after each step.

The numbers in messages are those of the design's invariants. `LAMINA_DEPLOYMENTS=20` tries as many stories.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from .content import FUNCTIONS
from .world import World, within

STORIES = int(os.environ.get("LAMINA_DEPLOYMENTS", "2"))
# A stack has had a life before it is destroyed.
LONG = 4
# Replies are lost in `make chaos` alone, which knows the ways out.
FAULTS = ("error", "throttling", "unavailable", "dropped", "delay")
OPERATIONS = (
    "lambda:UpdateFunctionConfiguration",
    "lambda:UpdateFunctionCode",
    "lambda:PublishVersion",
    "lambda:PublishLayerVersion",
    "lambda:Invoke",
    "lambda:UpdateAlias",
    "s3:PutObject",
)
contents = st.sampled_from("abc")
functions = st.sampled_from(FUNCTIONS)


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What the next deployment asks for."""

    layer: str = "a"
    code: str = "a"
    attempt: int = 1
    broken: bool = False
    pins: Mapping[str, int] = dataclasses.field(default_factory=dict)


class Deployments(RuleBasedStateMachine):
    """A team and its stack."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.wanted = Wanted()
        self.changed = False
        self.destroyed = False
        self.steps = 0
        self.ledgered: dict[str, set[int]] = {}
        world.start_aws()
        self.write()
        self.deploy()

    @precondition(lambda self: not self.wanted.broken)
    @rule(layer=contents, code=contents, configure=st.booleans())
    def change(self, layer: str, code: str, configure: bool) -> None:
        self.want(layer=layer, code=code, attempt=self.wanted.attempt + configure)
        self.deploy()

    @precondition(lambda self: not self.wanted.broken)
    @rule(layer=contents)
    def break_the_layer(self, layer: str) -> None:
        before = self.live()
        self.want(layer=layer, broken=True)
        told = self.world.up(code=1)
        assert "No module named 'tiny.core'" in told
        assert self.live() == before, "an alias moved before every smoke test had passed (3)"

    @precondition(lambda self: self.wanted.broken)
    @rule(layer=contents)
    def mend_the_layer(self, layer: str) -> None:
        self.want(layer=layer, broken=False)
        self.deploy()

    @precondition(lambda self: not self.wanted.broken)
    @rule(
        kind=st.sampled_from(FAULTS),
        operation=st.sampled_from(OPERATIONS),
        nth=st.integers(1, 3),
        layer=contents,
        code=contents,
    )
    def fail_once(self, kind: str, operation: str, nth: int, layer: str, code: str) -> None:
        self.want(layer=layer, code=code)
        held = self.held_layers()
        published = len(self.layers())
        rule = {"operation": operation, "kind": kind, "nth": nth, "times": 0, "seconds": 0.01}
        self.world.own("faults", "POST", rule)
        self.world.run("up")
        self.world.own("faults", "DELETE")
        self.assert_live_passed()
        again = self.world.run("up")
        if again.code != 0:
            assert "lamina:attempt" in again.told, again.told
            self.want(attempt=self.wanted.attempt + 1)
            self.world.up()
        self.assert_settled(held, published)

    @precondition(lambda self: not self.wanted.broken)
    @rule(drift=st.sampled_from(["alias", "environment", "timeout", "layers", "mapping", "rule", "policy"]))
    def change_from_outside(self, drift: str) -> None:
        drifts: Mapping[str, Callable[[World], Any]] = _DRIFTS
        drifts[drift](self.world)
        assert changes(self.world), f"a changed {drift} is not shown by a preview (7)"
        self.deploy()
        assert not changes(self.world), f"a changed {drift} is not repaired by an up (7)"

    @precondition(lambda self: not self.wanted.broken)
    @rule(name=functions, back=st.integers(0, 3))
    def pin(self, name: str, back: int) -> None:
        passed = sorted(self.ledgered[name], reverse=True)
        self.want(pins={**self.wanted.pins, name: passed[min(back, len(passed) - 1)]})
        self.deploy()

    @precondition(lambda self: self.wanted.pins and not self.wanted.broken)
    @rule()
    def unpin(self) -> None:
        self.want(pins={})
        self.deploy()

    @precondition(lambda self: self.changed and not self.wanted.broken)
    @rule()
    def deploy_again(self) -> None:
        self.changed = False
        self.world.calls()
        assert " unchanged" in self.world.up()
        assert self.world.writing_calls() == [], "a second up wrote something (5)"

    @precondition(lambda self: self.steps > LONG and not self.destroyed)
    @rule()
    def destroy(self) -> None:
        self.destroyed = True
        self.world.told("destroy")
        assert self.world.client("lambda").list_functions()["Functions"] == []
        self.ledgered = {}
        self.want(broken=False, pins={})
        self.deploy()

    def want(self, **different: Any) -> None:
        """Asks for something else; `write` puts it into the project's files."""
        self.wanted = dataclasses.replace(self.wanted, **different)
        self.steps += 1
        self.write()

    def write(self) -> None:
        wanted = self.wanted
        self.world.write(layer=wanted.layer, code=wanted.code, broken=wanted.broken)
        pins = {f"lamina:pin.{name}": str(version) for name, version in wanted.pins.items()}
        verify = False if wanted.broken else None
        self.world.set(**{"lamina:attempt": str(wanted.attempt), "lamina:verify": verify, **pins})

    def deploy(self) -> None:
        """A deployment that must succeed, and what must be so after it."""
        held, published = self.held_layers(), len(self.layers())
        self.world.up()
        self.assert_settled(held, published)

    def assert_settled(self, held: set[str], published: int) -> None:
        """Everything is as it was asked for.

        Args:
            held: the digests of the layers in the state before.
            published: how many layer versions there were.
        """
        self.changed = True
        self.assert_live_passed()
        digest = self.held_layers()
        assert len(digest) == 1
        assert len(self.layers()) == published + (not digest <= held), "a layer version too many (6)"
        live = self.live()
        for name in FUNCTIONS:
            newest = max(self.ledgered[name])
            assert live[name] == self.wanted.pins.get(name, newest)
            if name not in self.wanted.pins:
                answer = {"function": name, "layer": self.wanted.layer, "code": self.wanted.code}
                assert self.invoked(name, "live", {}) == answer

    def assert_live_passed(self) -> None:
        """Every alias points to a version that answers the smoke test of exactly what the ledger says (2)."""
        bucket = self.outputs()["artifacts_bucket"]
        s3, numbers = self.world.client("s3"), self.layers()
        listed = s3.list_objects_v2(Bucket=bucket, Prefix="releases/")["Contents"]
        parts = [each["Key"].removesuffix(".json").split("/") for each in listed]
        self.ledgered = {
            name: {int(part[2]) for part in parts if len(part) == 3 and part[1] == name} for name in FUNCTIONS
        }
        for name, version in self.live().items():
            assert version in self.ledgered[name], f"{name} {version} is live and never passed (2)"
            key = f"releases/{name}/{version}.json"
            entry = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
            assert numbers[entry["layer"]["arn"]] == entry["layer"]["digest"]
            expected = {"layer": entry["layer"]["digest"], "code": entry["code"]["digest"]}
            answer = self.invoked(name, str(version), {"lamina": {"smoke": expected}})
            assert answer["lamina"]["version"] == str(version)

    def live(self) -> dict[str, int]:
        client = self.world.client("lambda")
        return {
            name: int(client.get_alias(FunctionName=f"lamina-world-{name}", Name="live")["FunctionVersion"])
            for name in FUNCTIONS
        }

    def invoked(self, name: str, qualifier: str, event: Mapping[str, Any]) -> Any:
        answer = self.world.client("lambda").invoke(
            FunctionName=f"lamina-world-{name}", Qualifier=qualifier, Payload=json.dumps(event).encode()
        )
        payload = answer["Payload"].read()
        assert "FunctionError" not in answer, payload
        return json.loads(payload)

    def layers(self) -> dict[str, str]:
        """The digest that each layer version was published with, by ARN."""
        listed = self.world.client("lambda").list_layer_versions(LayerName="lamina-world-deps")
        return {each["LayerVersionArn"]: each["Description"] for each in listed["LayerVersions"]}

    def held_layers(self) -> set[str]:
        """The digests of the layer versions that the state has."""
        resources = self.world.state().get("resources", ())
        return {
            each["inputs"]["description"]
            for each in resources
            if each["type"] == "aws:lambda/layerVersion:LayerVersion"
        }

    def outputs(self) -> dict[str, Any]:
        found = (each for each in self.world.state()["resources"] if each["type"] == "pulumi:pulumi:Stack")
        outputs: dict[str, Any] = next(found)["outputs"]
        return outputs


def changes(world: World) -> dict[str, int]:
    """What a preview would change, by kind."""
    summary: dict[str, int] = json.loads(world.told("preview", "--json"))["changeSummary"]
    return {kind: count for kind, count in summary.items() if kind not in {"same", "refresh"}}


def _configure(**settings: Any) -> Callable[[World], object]:
    def configured(world: World) -> object:
        return world.client("lambda").update_function_configuration(
            FunctionName="lamina-world-api", **settings
        )

    return configured


def _point_elsewhere(world: World) -> object:
    client = world.client("lambda")
    version = client.publish_version(FunctionName="lamina-world-api")["Version"]
    live = client.get_alias(FunctionName="lamina-world-api", Name="live")["FunctionVersion"]
    if live == version:
        client.update_function_configuration(FunctionName="lamina-world-api", Description="changed")
        version = client.publish_version(FunctionName="lamina-world-api")["Version"]
    return client.update_alias(FunctionName="lamina-world-api", Name="live", FunctionVersion=version)


def _disable_mapping(world: World) -> object:
    client = world.client("lambda")
    (mapping,) = client.list_event_source_mappings()["EventSourceMappings"]
    return client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def _disable_rule(world: World) -> object:
    client = world.client("events")
    (rule,) = client.list_rules()["Rules"]
    return client.disable_rule(Name=rule["Name"])


def _drop_policy(world: World) -> object:
    client = world.client("s3")
    (name,) = [
        each["Name"] for each in client.list_buckets()["Buckets"] if each["Name"].startswith("artifacts-")
    ]
    return client.delete_bucket_policy(Bucket=name)


_DRIFTS: Mapping[str, Callable[[World], object]] = {
    "alias": _point_elsewhere,
    "environment": _configure(Environment={"Variables": {"CHANGED": "outside"}}),
    "timeout": _configure(Timeout=7),
    "layers": _configure(Layers=[]),
    "mapping": _disable_mapping,
    "rule": _disable_rule,
    "policy": _drop_policy,
}


@pytest.fixture
def world(tmp_path: Path, cache: Path) -> Iterator[World]:
    with within(tmp_path / "w", cache) as world:
        yield world


@pytest.mark.parametrize("stories", [STORIES], ids=str)
def test_after_every_step_of_every_story_the_promises_hold(world: World, stories: int) -> None:
    class Here(Deployments):
        def __init__(self) -> None:
            super().__init__(world)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=stories,
            stateful_step_count=3 if stories == 2 else 8,
            deadline=None,
            derandomize=stories == 2,
            # A story takes half a minute; shrinking one would take an hour.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
