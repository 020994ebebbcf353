"""What a resource was called before: aliases, inherited ones, lookups and imports by id."""

from __future__ import annotations

import pytest

from .conftest import Demo
from .test_replacements import assert_no_loose_ends

PAIR = """
class Pair(pulumi.ComponentResource):
    def __init__(self, name, opts=None, type="demo:index:Pair"):
        super().__init__(type, name, {}, opts)
        one = thing(f"{name}-one", opts=Opts(parent=self))
        Two(name, one, self)


class Two(pulumi.ComponentResource):
    def __init__(self, name, one, parent):
        super().__init__("demo:index:Two", f"{name}-inner", {}, Opts(parent=parent))
        thing("two", of=one.made, opts=Opts(parent=self))

"""
OLD = PAIR + 'Pair("old")'


@pytest.mark.parametrize(
    "new",
    [
        'Pair("new", Opts(aliases=[pulumi.Alias(name="old")]))',
        'Pair("old", Opts(aliases=[pulumi.Alias(type_="demo:index:Pair")]), "demo:index:Other")',
        'Pair("new", Opts(aliases=[pulumi.Alias(name="old", type_="demo:index:Pair")]), "demo:index:Other")',
        'Pair("new", Opts(aliases=["urn:pulumi:test::demo::demo:index:Pair::old"]))',
    ],
    ids=["name", "type", "both", "urn"],
)
def test_what_lies_in_a_renamed_component_is_found_with_it(demo: Demo, new: str) -> None:
    demo.up(OLD)
    assert demo.up(PAIR + new) == []
    assert_no_loose_ends(demo)


def test_a_renamed_component_whose_run_fails_midway_leaves_a_state_without_loose_ends(demo: Demo) -> None:
    demo.up(OLD)
    renamed = PAIR + 'Pair("new", Opts(aliases=[pulumi.Alias(name="old")]))'
    demo.up(
        renamed.replace("        Two(name", '        thing("x", fail="no", of=one.made)\n        Two(name'),
        code=1,
    )
    assert_no_loose_ends(demo)
    assert demo.up(renamed) == []


def test_two_resources_cannot_have_been_one(demo: Demo) -> None:
    demo.up('thing("a")')
    demo.up('thing("a")\nthing("b", opts=Opts(aliases=[pulumi.Alias(name="a")]))', code=1)
    assert "Duplicate resource" in demo.out


def test_a_resource_that_is_not_the_stacks_is_looked_up_and_never_deleted(demo: Demo) -> None:
    demo.things.things["there"] = {"made": 7}
    demo.up('found = thing("a", opts=Opts(id="there"))\nthing("b", of=found.made)')
    assert [each["of"] for each in demo.things.things.values() if "of" in each] == [7]
    assert demo.state()["a"]["external"]
    demo.things.calls.clear()
    assert demo.run("destroy") == 0
    assert demo.things.calls == ["delete b"]


def test_a_lookup_of_what_is_not_there_says_so(demo: Demo) -> None:
    assert demo.up('thing("a", opts=Opts(id="nowhere"))', code=1) == []
    assert "resource 'nowhere' does not exist" in demo.out


def test_what_is_imported_becomes_the_stacks_and_what_differs_is_changed(demo: Demo) -> None:
    demo.things.things["there"] = {"made": 7, "value": 1}
    program = 'thing("a", value=2, opts=Opts(import_="there"))'
    demo.program(program)
    assert demo.run("preview") == 0
    assert "=  aws:test:Thing a import" in demo.out
    assert demo.up() == ["update a"]
    assert demo.state()["a"]["id"] == "there"
    assert demo.up() == []
    assert demo.up("") == ["delete a"]


def test_an_import_that_differs_in_nothing_is_one_step(demo: Demo) -> None:
    demo.things.things["there"] = {"made": 7, "value": 1}
    assert demo.up('thing("a", value=1, opts=Opts(import_="there"))') == []
    assert "= 1 imported" in demo.out
    # The stack itself is made, and stays.
    assert "unchanged" not in demo.out
    assert demo.up('thing("a", value=1)') == []


def test_a_preview_says_of_all_that_is_imported_what_would_replace_it_with_both_values(demo: Demo) -> None:
    for name in ("one", "two"):
        demo.things.things[name] = {"made": 7, "fixed": f"{name} old"}
    guarded = 'thing("{0}", fixed="{0} new", opts=Opts(import_="{0}", protect=True))'
    demo.program("\n".join(guarded.format(name) for name in ("one", "two")))
    assert demo.run("preview") != 0
    for name in ("one", "two"):
        assert f"Thing::{name}': it is protected" in demo.out
        assert f'fixed: "{name} old" => "{name} new"' in demo.out


def test_an_update_stops_at_what_would_replace_an_import(demo: Demo) -> None:
    demo.things.things["there"] = {"made": 7, "fixed": 1}
    assert demo.up('thing("a", fixed=2, opts=Opts(import_="there"))', code=1) == []
    assert "cannot be replaced; remove it in the program first" in demo.out
    assert demo.things.things["there"]["fixed"] == 1


def test_an_import_of_what_is_not_there_says_so(demo: Demo) -> None:
    assert demo.up('thing("a", opts=Opts(import_="nowhere"))', code=1) == []
    assert "resource 'nowhere' does not exist" in demo.out


def test_what_the_program_now_looks_up_by_its_id_is_let_go_and_not_deleted(demo: Demo) -> None:
    demo.up('thing("a")')
    assert demo.up('thing("a", opts=Opts(id="a-1"))') == []
    assert demo.state()["a"]["external"] is True
    assert "a-1" in demo.things.things


def test_what_the_provider_takes_for_the_inputs_of_a_lookup_stays_out_of_the_state(demo: Demo) -> None:
    demo.up('thing("a", value=1)')
    demo.up('thing("a", value=1)\nthing("b", opts=Opts(id="a-1"))')
    assert "inputs" not in demo.state()["b"]
    assert demo.state()["b"]["outputs"] == {"value": 1, "made": 1}


def test_a_renamed_resource_has_its_new_name_also_where_its_step_fails(demo: Demo) -> None:
    demo.up('thing("a")')
    demo.up('thing("b", opts=Opts(aliases=[pulumi.Alias(name="a")]), failUpdate="no")', code=1)
    assert demo.state().keys() == {"b"}
    demo.up('thing("b", opts=Opts(aliases=[pulumi.Alias(name="a")]), fixed=1, failDelete="no")')
    demo.up('thing("b", fixed=2)', code=1)
    assert demo.state().keys() == {"b", "b!"}


def test_children_of_a_retyped_component_that_a_failed_run_did_not_reach_are_found_by_the_next(
    demo: Demo,
) -> None:
    demo.up(OLD)
    head = 'Pair("old", Opts(aliases=[pulumi.Alias(type_="demo:index:Pair")]), "demo:index:Other")'
    stopping = 'def stop(_):\n    raise RuntimeError("no")\n'
    failing = PAIR.replace(
        "        one = thing(", "        self.urn.apply(stop)\n        return\n        one = thing("
    )
    demo.up(stopping + failing + head, code=1)
    assert demo.up(PAIR + 'Pair("old", type="demo:index:Other")') == []
    assert_no_loose_ends(demo)


def test_a_refresh_reads_what_was_looked_up_and_forgets_it_when_it_is_gone(demo: Demo) -> None:
    demo.things.things["there"] = {"made": 7, "value": 1}
    demo.up('thing("a", opts=Opts(id="there"))')
    demo.things.things["there"]["value"] = 2
    assert demo.run("refresh") == 0
    assert "value is 2, the state had 1" in demo.out
    assert demo.state()["a"]["outputs"]["value"] == 2
    del demo.things.things["there"]
    assert demo.run("refresh") == 0
    assert demo.state() == {}
