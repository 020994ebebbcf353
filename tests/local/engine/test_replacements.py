"""Replacements whose original must go first, and with it all that could not stay without it; protection."""

from __future__ import annotations

import json

import pytest

from local.engine.crypt import Crypter
from local.engine.state import Snapshot
from local.engine.storage import Storage

from .conftest import Demo
from .test_processes import saved

CHAIN = 'a = thing("a", fixed=%d, first=True%s)\nb = thing("b", fixed=a.made)\nthing("c", fixed=b.made)'
LOOSE = 'a = thing("a", fixed=%d, first=True%s)\nthing("b", opts=Opts(depends_on=[a]))'


def assert_no_loose_ends(demo: Demo) -> None:
    """Holds the state to what the real CLI asks of one: whatever is referred to stands before."""
    known: set[str] = set()
    for each in saved(demo)["resources"]:
        needed = {each.get("parent"), each.get("deletedWith"), *each.get("dependencies", [])}
        needed |= {urn for urns in each.get("propertyDependencies", {}).values() for urn in urns}
        assert needed - {None} <= known, each["urn"]
        known.add(each["urn"])


def test_what_would_be_replaced_with_it_directly_or_not_goes_first(demo: Demo) -> None:
    demo.up(CHAIN % (1, ""))
    calls = demo.up(CHAIN % (2, ""))
    assert calls == ["delete c", "delete b", "delete a", "create a", "create b", "create c"]
    assert demo.state().keys() == {"a", "b", "c"}
    assert len(demo.things.things) == 3


def test_all_of_them_count_as_replaced(demo: Demo) -> None:
    demo.up(CHAIN % (1, ""))
    demo.program(CHAIN % (2, ""))
    assert demo.run("preview", "--json") == 0
    assert json.loads(demo.out)["changeSummary"] == {"replace": 3, "same": 1}
    demo.up()
    assert "+-3 replaced" in demo.out


def test_one_of_them_that_the_program_drops_is_deleted_once(demo: Demo) -> None:
    demo.up(CHAIN % (1, ""))
    calls = demo.up('a = thing("a", fixed=2, first=True)\nthing("b", fixed=a.made)')
    assert calls == ["delete c", "delete b", "delete a", "create a", "create b"]
    assert demo.state().keys() == {"a", "b"}


def test_where_the_replacement_cannot_be_made_the_next_run_makes_it(demo: Demo) -> None:
    demo.up(CHAIN % (1, ""))
    demo.up(CHAIN % (2, ', fail="no room"'), code=1)
    assert {name: each.get("pendingReplacement") for name, each in demo.state().items()} == {
        "a": True,
        "b": True,
        "c": True,
    }
    assert_no_loose_ends(demo)
    assert demo.up(CHAIN % (2, "")) == ["create a", "create b", "create c"]
    assert not any("pendingReplacement" in each for each in demo.state().values())
    assert_no_loose_ends(demo)


def test_what_waits_for_its_replacement_is_neither_read_nor_deleted_again(demo: Demo) -> None:
    demo.up(LOOSE % (1, ""))
    demo.up(LOOSE % (2, ', fail="no room"'), code=1)
    assert_no_loose_ends(demo)
    assert demo.run("refresh") == 0
    assert demo.state()["a"]["pendingReplacement"]
    demo.things.calls.clear()
    assert demo.run("destroy") == 0
    assert demo.things.calls == ["delete b"]
    assert demo.state() == {}


def test_what_is_deleted_with_it_is_replaced_with_it_without_a_delete_of_its_own(demo: Demo) -> None:
    program = 'a = thing("a", fixed=%d, first=True)\nthing("b", opts=Opts(deleted_with=a))'
    demo.up(program % 1)
    assert demo.up(program % 2) == ["delete a", "create a", "create b"]


@pytest.mark.parametrize("first", ["True", "False"])
def test_a_protected_resource_is_not_replaced_until_the_program_lets_it_go(demo: Demo, first: str) -> None:
    protected = 'thing("a", fixed=%d, opts=Opts(protect=True, delete_before_replace=' + first + "))"
    demo.up(protected % 1)
    demo.program(protected % 2)
    assert demo.run("preview") == 1
    assert "unable to replace resource" in demo.out
    assert "+-1 to replace" in demo.out
    assert demo.up(code=1) == []
    assert len(demo.up('thing("a", fixed=2)')) == 2


def test_a_protected_resource_keeps_what_it_needs_from_being_replaced(demo: Demo) -> None:
    program = 'a = thing("a", fixed=%d, first=True)\nthing("b", fixed=a.made, opts=Opts(protect=True))'
    demo.up(program % 1)
    assert demo.up(program % 2, code=1) == []
    assert "it is protected" in demo.out


def test_what_was_left_unfinished_is_replaced_where_every_change_shall_replace_it(demo: Demo) -> None:
    demo.up('thing("a", partial="slow")', code=1)
    assert demo.up('thing("a", opts=Opts(replace_on_changes=["*"]))') == ["create a", "delete a"]


def test_what_its_options_would_replace_goes_before_what_it_needs(demo: Demo) -> None:
    program = (
        'a = thing("a", fixed={}, first=True)\nthing("b", of=a.made, opts=Opts(replace_on_changes=["of"]))'
    )
    demo.up(program.format(1))
    assert demo.up(program.format(2)) == ["delete b", "delete a", "create a", "create b"]


def test_a_replacement_that_is_made_but_unfinished_has_its_original_deleted_by_the_next_run(
    demo: Demo,
) -> None:
    demo.up('thing("a", fixed=1)')
    demo.up('thing("a", fixed=2, partial="slow")', code=1)
    assert demo.state().keys() == {"a", "a!"}
    assert demo.up('thing("a", fixed=2)') == ["update a", "delete a"]


def test_no_state_that_is_saved_has_a_replacement_beside_an_original_that_stays(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo.up('thing("a", fixed=1)')
    save = Storage.save

    def watched(storage: Storage, snapshot: Snapshot, crypter: Crypter) -> None:
        save(storage, snapshot, crypter)
        assert len([each for each in snapshot.resources if each.name == "a" and not each.delete]) == 1

    monkeypatch.setattr(Storage, "save", watched)
    assert demo.up('thing("a", fixed=2)') == ["create a", "delete a"]
