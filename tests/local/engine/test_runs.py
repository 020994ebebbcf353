"""What a run does with resources: order, replacement, failure and the way back, drift, secrets."""

from __future__ import annotations

import json

import pytest

from .conftest import Demo

CHAIN = """
a = thing("a", value=1)
b = thing("b", of=a.made)
c = thing("c", opts=Opts(depends_on=[b]))
"""


def test_what_depends_on_another_comes_after_it_and_goes_before_it(demo: Demo) -> None:
    assert demo.up(CHAIN) == ["create a", "create b", "create c"]
    demo.things.calls.clear()
    assert demo.run("destroy") == 0
    assert demo.things.calls == ["delete c", "delete b", "delete a"]
    assert demo.things.things == {}


def test_a_second_run_changes_nothing(demo: Demo) -> None:
    demo.up(CHAIN)
    assert demo.up() == []
    assert "4 unchanged" in demo.out


def test_a_changed_input_is_updated_in_place_and_what_the_program_drops_is_deleted(demo: Demo) -> None:
    demo.up(CHAIN)
    assert demo.up('a = thing("a", value=2)\n') == ["update a", "delete c", "delete b"]
    assert demo.state().keys() == {"a"}


def test_a_replacement_is_made_before_the_original_goes(demo: Demo) -> None:
    demo.up('thing("a", fixed=1)')
    assert demo.up('thing("a", fixed=2)') == ["create a", "delete a"]
    assert [each["fixed"] for each in demo.things.things.values()] == [2]


@pytest.mark.parametrize("how", ["first=True", "opts=Opts(delete_before_replace=True)"])
def test_where_the_provider_or_the_program_wants_it_the_original_goes_first(demo: Demo, how: str) -> None:
    demo.up(f'a = thing("a", fixed=1, {how})\nthing("b", fixed=a.made)\nthing("c", value=a.made)')
    calls = demo.up(f'a = thing("a", fixed=2, {how})\nthing("b", fixed=a.made)\nthing("c", value=a.made)')
    # b would have to be replaced with it, so it goes first; c can be changed in place.
    assert calls[:3] == ["delete b", "delete a", "create a"]
    assert sorted(calls[3:]) == ["create b", "update c"]


def test_a_failed_create_stops_what_needs_it_and_the_next_run_carries_on(demo: Demo) -> None:
    demo.program('a = thing("a", fail="no room")\nthing("b", of=a.made)')
    assert demo.up(code=1) == ["create a"]
    assert "aws:test:Thing (a):\n    error: no room" in demo.out
    assert demo.state() == {}
    assert demo.up('a = thing("a")\nthing("b", of=a.made)') == ["create a", "create b"]


def test_what_is_under_way_when_another_fails_ends_and_is_kept(demo: Demo) -> None:
    demo.program('thing("slow", slow=1)\nthing("a", slow=0.3, fail="no room")')
    assert sorted(demo.up(code=1)) == ["create a", "create slow"]
    assert demo.state().keys() == {"slow"}


def test_after_a_failure_the_replaced_original_is_deleted_by_the_next_run(demo: Demo) -> None:
    demo.up('a = thing("a", fixed=1)\nthing("b", of=a.made)')
    assert demo.up('a = thing("a", fixed=2)\nthing("b", of=a.made, failUpdate="no")', code=1) == [
        "create a",
        "update b",
    ]
    assert demo.state().keys() == {"a", "a!", "b"}
    assert demo.up('a = thing("a", fixed=2)\nthing("b", of=a.made)') == ["update b", "delete a"]
    assert demo.state().keys() == {"a", "b"}


def test_going_back_after_a_failure_finds_the_old_name_and_deletes_only_the_new(demo: Demo) -> None:
    demo.up('a = thing("one")\nthing("b", of=a.made)')
    demo.up('a = thing("two")\nthing("b", of=a.made, failUpdate="no")', code=1)
    assert demo.up('a = thing("one")\nthing("b", of=a.made)') == ["delete two"]


def test_a_failed_update_is_tried_again(demo: Demo) -> None:
    demo.up('thing("a", value=1)')
    demo.up('thing("a", value=2, failUpdate="no")', code=1)
    assert demo.state()["a"]["inputs"]["value"] == 1
    assert demo.up('thing("a", value=2)') == ["update a"]


def test_a_failed_delete_is_tried_again(demo: Demo) -> None:
    demo.up('thing("a", failDelete="in use")')
    assert demo.up("", code=1) == ["delete a"]
    assert "error: in use" in demo.out
    assert demo.state().keys() == {"a"}


def test_what_is_made_but_unfinished_is_kept_and_updated_by_the_next_run(demo: Demo) -> None:
    assert demo.up('thing("a", partial="not ready")', code=1) == ["create a"]
    assert demo.state()["a"]["initErrors"] == ["not ready"]
    assert demo.up('thing("a", partial="not ready")') == ["update a"]
    assert "initErrors" not in demo.state()["a"]


def test_a_refused_input_is_told_with_the_resources_name(demo: Demo) -> None:
    assert demo.up('thing("a", refused="must be blue")', code=1) == []
    assert "aws:test/thing:Thing resource 'a' has a problem: refused: must be blue" in demo.out


def test_retained_resources_are_forgotten_and_left_there(demo: Demo) -> None:
    demo.up('thing("a", opts=Opts(retain_on_delete=True))')
    assert demo.up("") == []
    assert demo.state() == {}
    assert len(demo.things.things) == 1


def test_protected_resources_are_not_deleted(demo: Demo) -> None:
    demo.up('thing("a", opts=Opts(protect=True))')
    assert demo.up("", code=1) == []
    assert "it is protected" in demo.out
    assert demo.run("destroy") == 1
    assert len(demo.things.things) == 1


def test_ignored_changes_keep_what_was_there(demo: Demo) -> None:
    demo.up('thing("a", value=1)')
    assert demo.up('thing("a", value=2, opts=Opts(ignore_changes=["value"]))') == []


def test_a_renamed_resource_is_found_by_its_alias(demo: Demo) -> None:
    demo.up('thing("old", value=1)')
    assert demo.up('thing("new", value=1, opts=Opts(aliases=[pulumi.Alias(name="old")]))') == []
    assert demo.state().keys() == {"new"}


def test_replace_on_changes_replaces(demo: Demo) -> None:
    demo.up('thing("a", value=1)')
    assert demo.up('thing("a", value=2, opts=Opts(replace_on_changes=["value"]))') == ["create a", "delete a"]


def test_two_resources_of_one_name_are_refused(demo: Demo) -> None:
    demo.program('thing("a")\nthing("a")')
    assert demo.run("up") == 1
    assert "Duplicate resource URN" in demo.out


def test_components_are_kept_with_their_children_and_outputs(demo: Demo) -> None:
    program = """
    class Pair(pulumi.ComponentResource):
        def __init__(self, name, value):
            super().__init__("demo:index:Pair", name, {"value": value})
            self.one = thing("one", opts=Opts(parent=self))
            self.register_outputs({"made": self.one.made})

    pulumi.export("made", Pair("pair", VALUE).one.made)
    """
    demo.up(program.replace("VALUE", "1"))
    assert "made: 1" in demo.out
    assert demo.state()["one"]["urn"] == "urn:pulumi:test::demo::demo:index:Pair$aws:test/thing:Thing::one"
    assert demo.up(program.replace("VALUE", "2")) == []
    assert "~  demo:index:Pair pair updating" in demo.out


def test_a_preview_changes_nothing_and_knows_what_it_cannot_know(demo: Demo) -> None:
    demo.program(
        'a = thing("a")\nb = thing("b", of=a.made)\npulumi.export("x", a.made.apply(lambda made: 1 / 0))'
    )
    assert demo.run("preview", "--diff") == 0
    assert "of: [unknown]" in demo.out
    assert "x: [unknown]" in demo.out
    assert demo.things.calls == []
    assert not (demo.folder / "state" / "demo" / "test.json").exists()


def test_functions_of_the_provider_answer(demo: Demo) -> None:
    demo.up('pulumi.export("x", pulumi.runtime.invoke("aws:test/echo:echo", {"a": 1}).value["echo"]["a"])')
    assert "x: 1" in demo.out


def test_drift_is_shown_by_a_preview_and_repaired_by_the_next_up(demo: Demo) -> None:
    (demo.folder / "Pulumi.yaml").write_text("name: demo\nruntime: python\noptions:\n  refresh: always\n")
    demo.up('thing("a", value=1)\nthing("b")')
    identity = demo.state()["a"]["id"]
    demo.things.things[identity]["value"] = 7
    del demo.things.things[demo.state()["b"]["id"]]
    assert demo.run("preview") == 0
    assert "~  aws:test:Thing a changed outside [diff: ~value]" in demo.out
    assert "        value is 7, the state had 1\n" in demo.out
    assert "-  aws:test:Thing b deleted outside" in demo.out
    assert "+ 1 to create" in demo.out
    assert "~ 1 to update" in demo.out
    assert sorted(demo.up()) == ["create b", "update a"]
    assert demo.things.things[identity]["value"] == 1


def test_a_preview_in_json_lists_what_was_refreshed_as_the_state_had_it(demo: Demo) -> None:
    demo.refresh_always()
    demo.up('thing("a", value=1)')
    demo.things.things[demo.state()["a"]["id"]]["value"] = 7
    assert demo.run("preview", "--json") == 0
    shown = json.loads(demo.out)
    steps = [step for step in shown["steps"] if step["urn"].endswith("::a")]
    assert [step["op"] for step in steps] == ["refresh", "update"]
    assert [step["oldState"]["outputs"]["value"] for step in steps] == [1, 7]
    assert steps[0]["newState"] == steps[0]["oldState"]
    assert "refresh" not in shown["changeSummary"]


def test_a_refresh_alone_makes_the_state_what_is_there(demo: Demo) -> None:
    demo.up('thing("a", value=1)\nthing("b")')
    demo.things.things[demo.state()["a"]["id"]]["value"] = 7
    del demo.things.things[demo.state()["b"]["id"]]
    assert demo.run("refresh") == 0
    assert demo.state().keys() == {"a"}
    assert demo.state()["a"]["outputs"]["value"] == 7


def test_what_refers_to_what_a_refresh_found_gone_no_longer_does(demo: Demo) -> None:
    demo.up(
        'a = thing("a")\nthing("b", of=a.made, opts=Opts(deleted_with=a))\nthing("c", opts=Opts(parent=a))'
    )
    del demo.things.things[demo.state()["a"]["id"]]
    assert demo.run("refresh") == 0
    left = demo.state()
    assert {"deletedWith", "dependencies", "propertyDependencies"}.isdisjoint(left["b"])
    assert left["c"]["parent"].endswith("::demo-test")


def test_an_asset_among_the_outputs_is_kept_with_the_hash_of_its_content(demo: Demo) -> None:
    demo.up('pulumi.export("text", pulumi.StringAsset("x"))')
    demo.run("output", "--json")
    assert json.loads(demo.out)["text"]["hash"].startswith("2d711642b726")
    demo.up('pulumi.export("file", pulumi.FileAsset("nowhere"))', code=1)
    assert "nowhere cannot be read: No such file or directory" in demo.out


def test_the_outputs_of_a_program_that_just_exits_are_kept(demo: Demo) -> None:
    assert demo.up('import sys\nthing("a")\npulumi.export("x", 1)\nsys.exit(3)', code=1) == ["create a"]
    assert "the program ended with exit code 3" in demo.err
    demo.run("output", "--json")
    assert json.loads(demo.out) == {"x": 1}


def test_a_program_that_fails_takes_no_output_away(demo: Demo) -> None:
    demo.up('pulumi.export("url", "here")\npulumi.export("size", 1)')
    demo.up('pulumi.export("size", 2)\nraise pulumi.RunError("no lock")', code=1)
    demo.run("output", "--json")
    assert json.loads(demo.out) == {"size": 2, "url": "here"}
    demo.up('pulumi.export("size", 3)')
    demo.run("output", "--json")
    assert json.loads(demo.out) == {"size": 3}


def test_one_output_is_printed_as_it_is_and_one_that_is_not_there_is_named(demo: Demo) -> None:
    demo.up('pulumi.export("url", "here")\npulumi.export("sizes", [1, 2])')
    demo.run("output", "url")
    assert demo.out == "here\n"
    demo.run("output", "sizes")
    assert demo.out == "[1, 2]\n"
    demo.run("output", "url", "--json")
    assert demo.out == '"here"\n'
    assert demo.run("output", "ulr") == 1
    assert "the stack test has no output ulr; it has sizes, url" in demo.err


SECRETS = """
value = pulumi.Output.secret("hunter2")
a = thing("a", password=value, nested={"list": [value]})
pulumi.export("password", a.made.apply(lambda made: "hunter2") if False else value)
"""


def test_secrets_are_neither_shown_nor_kept_in_clear(demo: Demo) -> None:
    demo.program(SECRETS)
    demo.run("preview", "--diff")
    shown = demo.out
    demo.run("preview", "--json")
    shown += demo.out
    demo.up()
    shown += demo.out
    for verb in (["output"], ["output", "--json"], ["export"]):
        demo.run(*verb)
        shown += demo.out
    assert "hunter2" not in shown + (demo.folder / "state" / "demo" / "test.json").read_text()
    assert "[secret]" in shown
    assert demo.up() == []


def test_secrets_are_shown_to_who_asks(demo: Demo) -> None:
    demo.up(SECRETS)
    demo.run("output", "--show-secrets")
    assert "hunter2" in demo.out
    demo.run("export", "--show-secrets")
    assert '"plaintext": "\\"hunter2\\""' in demo.out


def test_another_passphrase_cannot_read_the_state(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    demo.up(SECRETS)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "other")
    assert demo.run("up") == 1
    assert "error: incorrect passphrase" in demo.err


def test_a_large_thing_that_is_only_half_made_is_kept_and_the_reason_told(demo: Demo) -> None:
    demo.up('thing("a", partial="the wheel is missing", big="x" * 30_000)', code=1)
    assert "the wheel is missing" in demo.out
    assert demo.state()["a"]["outputs"]["big"] == "x" * 30_000


def test_protected_resources_keep_what_they_need_and_nothing_else(demo: Demo) -> None:
    demo.up(
        'low = thing("low")\nprotected = Opts(protect=True)\na = thing("a", protected, of=low.made)\n'
        'thing("b", of=a.made)\nthing("c", protected)\nthing("d", of=thing("e").made)'
    )
    demo.things.calls.clear()
    assert demo.run("destroy") == 1
    assert demo.out.count("it is protected") == 2
    assert sorted(demo.things.calls) == ["delete b", "delete d", "delete e"]
    assert demo.state().keys() == {"low", "a", "c"}


def test_protection_alone_is_shown_though_nothing_else_changes(demo: Demo) -> None:
    demo.up('thing("a")')
    demo.program('thing("a", opts=Opts(protect=True))')
    assert demo.run("preview") == 0
    assert "aws:test:Thing a unchanged [diff: ~protect]" in demo.out
    assert demo.run("preview", "--json") == 0
    (step,) = (each for each in json.loads(demo.out)["steps"] if each["urn"].endswith("::a"))
    assert (step["op"], step["newState"]["protect"]) == ("same", True)


def test_a_preview_in_json_tells_what_the_program_makes_itself_and_nothing_for_debugging(demo: Demo) -> None:
    demo.program(
        'own = pulumi.ProviderResource("aws", "own", {})\n'
        'pulumi.log.debug("hush")\npulumi.log.info("hear")\nthing("a", opts=Opts(provider=own))'
    )
    assert demo.run("preview", "--json") == 0
    digest = json.loads(demo.out)
    assert [each["urn"].rpartition("::")[2] for each in digest["steps"]] == ["demo-test", "own", "a"]
    assert digest["changeSummary"] == {"create": 3}
    assert [each["message"] for each in digest["diagnostics"]] == ["hear"]


def test_an_update_that_is_only_half_done_keeps_the_old_inputs_beside_the_new_outputs(demo: Demo) -> None:
    demo.up('thing("a", value=1)')
    demo.up('thing("a", value=2, partialUpdate="slow")', code=1)
    kept = demo.state()["a"]
    assert (kept["inputs"], kept["outputs"]["value"], kept["initErrors"]) == ({"value": 1}, 2, ["slow"])
    assert demo.up('thing("a", value=2)') == ["update a"]
