"""Packages of components, which run in processes of their own; tests/examples deploys one that works."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Demo

REMOTE = (
    "class Remote(pulumi.ComponentResource):\n"
    "    def __init__(self, name, opts=None):\n"
    '        super().__init__("parts:index:Part", name, {"made": None, "size": 3}, opts, remote=True)\n\n\n'
)
# A provider as Pulumi's SDK serves it: a component of one thing, or one that refuses.
PROVIDER = """
import sys

import pulumi
from pulumi.provider import ConstructResult, Provider, main


class Thing(pulumi.CustomResource):
    made: pulumi.Output[int]

    def __init__(self, name, inputs, opts):
        super().__init__("aws:test/thing:Thing", name, {"made": None, **inputs}, opts)


class Part(pulumi.ComponentResource):
    def __init__(self, name, inputs, opts):
        super().__init__("parts:index:Part", name, {}, opts)
        self.thing = Thing(name + "-thing", inputs, pulumi.ResourceOptions(parent=self))
        self.register_outputs({"made": self.thing.made})


class Parts(Provider):
    def construct(self, name, resource_type, inputs, options=None):
        if name == "bad":
            raise pulumi.RunError("three is too many")
        part = Part(name, inputs, options)
        return ConstructResult(part.urn, {"made": part.thing.made})


main(Parts("1.0.0", "{}"), sys.argv[1:])
"""


@pytest.fixture(autouse=True)
def parts(demo: Demo) -> Path:
    """The folder of the package, beside the project's files."""
    folder = demo.folder / "parts"
    folder.mkdir()
    (folder / "PulumiPlugin.yaml").write_text("runtime: python\n")
    (folder / "__main__.py").write_text(PROVIDER)
    (demo.folder / "Pulumi.yaml").write_text("name: demo\nruntime: python\npackages:\n  parts: ./parts\n")
    return folder


def test_a_component_is_made_by_its_package_and_its_outputs_come_back(demo: Demo) -> None:
    demo.program(REMOTE + 'part = Remote("a")\nthing("after", of=part.made)\n')
    assert demo.run("preview") == 0, demo.out + demo.err
    assert demo.things.calls == []
    assert demo.up() == ["create a-thing", "create after"]
    assert demo.state()["after"]["inputs"]["of"] == 1
    assert demo.state()["after"]["dependencies"]
    assert demo.up() == []
    assert demo.run("destroy") == 0
    assert demo.state() == {}


def test_a_components_parts_go_to_the_provider_that_the_program_gives_it(demo: Demo) -> None:
    provider = 'west = pulumi.ProviderResource("aws", "west", {"region": "us-west-2"})\n'
    demo.up(REMOTE + provider + 'Remote("a", Opts(provider=west))\nRemote("b", Opts(providers=[west]))')
    assert demo.things.regions == {"a-thing": "us-west-2", "b-thing": "us-west-2"}


def test_what_a_package_refuses_is_told_with_the_components_name(demo: Demo) -> None:
    demo.up(REMOTE + 'Remote("bad")', code=1)
    (line,) = [each for each in demo.out.splitlines() if "error:" in each]
    assert "parts:index:Part resource 'bad' has a problem: " in line
    assert "three is too many" in line


def test_a_part_that_fails_is_told_once(demo: Demo) -> None:
    demo.up(REMOTE.replace('"size": 3', '"fail": "no room"') + 'Remote("a")', code=1)
    assert [each.strip() for each in demo.out.splitlines() if "error:" in each] == ["error: no room"]


@pytest.mark.parametrize(
    ("packages", "told"),
    [
        ("", "the package parts, which is none of `packages` in Pulumi.yaml"),
        (
            "packages: {parts: ./nothing}",
            "the package parts from ./nothing, which is no folder of a Python plugin",
        ),
    ],
    ids=["unnamed", "elsewhere"],
)
def test_a_package_that_is_not_there_is_refused_by_name(demo: Demo, packages: str, told: str) -> None:
    (demo.folder / "Pulumi.yaml").write_text(f"name: demo\nruntime: python\n{packages}\n")
    demo.program(REMOTE + 'Remote("a")')
    assert demo.run("up") == 1
    assert told in demo.err


def test_a_package_that_does_not_start_is_told(demo: Demo, parts: Path) -> None:
    (parts / "__main__.py").write_text("print('hello')")
    demo.program(REMOTE + 'Remote("a")')
    assert demo.run("up") == 1
    assert demo.err == "error: the provider of package parts did not start; it said 'hello'\n"
