"""Providers that the program makes itself, each with settings of its own."""

from __future__ import annotations

import json

import pytest

from .conftest import Demo

PROVIDERS = """
west = pulumi.ProviderResource("aws", "west", {"region": "us-west-2"})
east = pulumi.ProviderResource("aws", "east", {"region": "us-east-1"})
"""
PLACES = (
    PROVIDERS
    + """
thing("here")
thing("left", opts=Opts(provider=west))
thing("right", opts=Opts(provider=east))
"""
)
OWN = """
class Pair(pulumi.ComponentResource):
    def __init__(self, name, opts):
        super().__init__("demo:index:Pair", name, {}, opts)
        thing(name + "-one", opts=Opts(parent=self))
        echo = pulumi.runtime.invoke_output("aws:test:echo", {}, pulumi.InvokeOutputOptions(parent=self))
        pulumi.export(name, echo.apply(lambda answer: answer["region"]))

"""


@pytest.fixture(autouse=True)
def home(demo: Demo) -> None:
    demo.settings(aws__region="eu-west-1")


def test_each_resource_is_made_by_the_provider_that_it_was_given(demo: Demo) -> None:
    demo.up(PLACES)
    assert demo.things.regions == {"here": "eu-west-1", "left": "us-west-2", "right": "us-east-1"}
    assert demo.state()["left"]["provider"].startswith("urn:pulumi:test::demo::pulumi:providers:aws::west::")


def test_a_preview_with_new_providers_makes_nothing_and_a_second_run_changes_nothing(demo: Demo) -> None:
    demo.program(PLACES)
    assert demo.run("preview") == 0, demo.out + demo.err
    # Those that the program makes are counted, as the CLI does; the default one is not.
    assert "+ 6 to create" in demo.out
    demo.up()
    assert demo.up() == []
    assert "6 unchanged" in demo.out


def test_a_components_parts_and_lookups_go_to_its_provider(demo: Demo) -> None:
    demo.up(PROVIDERS + OWN + 'Pair("a", Opts(provider=west))\nPair("b", Opts(providers={"aws": east}))')
    assert demo.things.regions == {"a-one": "us-west-2", "b-one": "us-east-1"}
    assert demo.run("output", "--json") == 0
    assert json.loads(demo.out) == {"a": "us-west-2", "b": "us-east-1"}


def test_a_provider_whose_settings_change_is_updated_and_keeps_its_resources(demo: Demo) -> None:
    demo.up(PLACES)
    text = PLACES.replace("us-east-1", "us-east-2")
    assert demo.up(text + 'thing("new", opts=Opts(provider=east))') == ["create new"]
    assert "pulumi:providers:aws east updated" in demo.out
    assert demo.things.regions["new"] == "us-east-2"


def test_what_the_program_drops_is_deleted_by_the_provider_that_it_had(demo: Demo) -> None:
    demo.up(PLACES)
    demo.things.regions.clear()
    assert sorted(demo.up('thing("here")')) == ["delete left", "delete right"]
    assert demo.things.regions == {"left": "us-west-2", "right": "us-east-1"}
    demo.up(PLACES)
    demo.things.regions.clear()
    assert demo.run("destroy") == 0
    assert demo.things.regions == {"here": "eu-west-1", "left": "us-west-2", "right": "us-east-1"}
    assert demo.state() == {}


def test_a_refresh_reads_each_resource_by_its_own_provider(demo: Demo) -> None:
    demo.up(PLACES)
    assert demo.run("refresh") == 0, demo.out + demo.err
    assert demo.up() == []


def test_a_provider_whose_settings_are_not_known_yet_is_refused_by_name(demo: Demo) -> None:
    demo.program(
        'one = thing("one")\n'
        'late = pulumi.ProviderResource("aws", "late", {"region": one.made.apply(str)})\n'
        'thing("two", opts=Opts(provider=late))\n'
    )
    assert demo.run("preview") == 1
    assert demo.err.startswith(
        "error: the stand-in engine does not know providers whose inputs are not known"
    )
