"""Laws of URNs, aliases and the order of deletion."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from local.engine.aliases import Alias, old_urns
from local.engine.order import deletion_waves, replaced_with
from local.engine.state import Resource
from local.engine.urn import child, parse

NAMES = st.text(min_size=1, max_size=12).filter(lambda text: "$" not in text and not text.startswith(":"))
TYPES = st.sampled_from(["aws:s3/bucket:Bucket", "demo:index:Pair", "a:b:c"])


@st.composite
def graphs(draw: st.DrawFn) -> list[Resource]:
    """Resources in the order of dependency, each with some that it needs in one of the ways there are."""
    resources: list[Resource] = []
    for index in range(draw(st.integers(0, 9))):
        earlier = [each.urn for each in resources]
        some = st.lists(st.sampled_from(earlier), unique=True, max_size=3) if earlier else st.just([])
        one = st.sampled_from(["", *earlier])
        resources.append(
            Resource(
                urn=child("s", "p", "a:b:c", f"r{index}", ""),
                type="a:b:c",
                custom=draw(st.booleans()),
                inputs={"x": 1},
                parent=draw(one),
                deleted_with=draw(one),
                dependencies=tuple(draw(some)),
                property_dependencies={"x": draw(some)},
            )
        )
    return resources


@given(TYPES, NAMES, TYPES, NAMES)
def test_a_urn_taken_apart_and_put_together_is_the_same(above: str, top: str, type_: str, name: str) -> None:
    urn = child("s", "p", type_, name, child("s", "p", above, top, ""))
    assert str(parse(urn)) == urn
    assert (parse(urn).type, parse(urn).name) == (type_, name)


@given(NAMES, st.lists(NAMES, min_size=1, max_size=4))
def test_a_childs_urn_has_the_types_of_all_above_it_and_none_of_their_names(
    own: str, above: list[str]
) -> None:
    urn = ""
    for name in above:
        urn = child("s", "p", "demo:index:Pair", name, urn)
    expected = "$".join(["demo:index:Pair"] * len(above)) + "$a:b:c"
    assert parse(child("s", "p", "a:b:c", own, urn)).qualified_type == expected


@given(graphs())
def test_everything_is_deleted_once_and_before_what_it_needs(resources: list[Resource]) -> None:
    waves = deletion_waves(resources)
    place = {each.urn: number for number, wave in enumerate(waves) for each in wave}
    assert sum(map(len, waves)) == len(resources) == len(place)
    for each in resources:
        assert all(place[each.urn] < place[needed] for needed in each.needs())


@given(graphs(), st.data())
def test_what_is_replaced_with_a_root_is_all_that_reaches_it_over_inputs(
    resources: list[Resource], data: st.DataObject
) -> None:
    if not resources:
        return
    root = data.draw(st.sampled_from(resources))
    found = {each.urn for each in replaced_with(root, resources, lambda _, __: True)}
    assert root.urn not in found
    for each in resources:
        if each is not root and each.custom:
            touched = {each.deleted_with, *each.property_dependencies["x"]} & (found | {root.urn})
            assert (each.urn in found) == bool(touched)


@given(graphs(), st.data())
def test_nothing_is_replaced_with_a_root_whose_change_replaces_nothing(
    resources: list[Resource], data: st.DataObject
) -> None:
    if resources:
        root = data.draw(st.sampled_from(resources))
        gone = {root.urn}
        for each in replaced_with(root, resources, lambda _, __: False):
            assert each.deleted_with in gone
            gone.add(each.urn)


@given(NAMES, NAMES, NAMES)
def test_a_child_named_after_its_parent_was_named_after_the_old_one(old: str, new: str, rest: str) -> None:
    before, now = child("s", "p", "a:b:P", old, ""), child("s", "p", "a:b:P", new, "")
    own = child("s", "p", "a:b:C", new + rest, now)
    expected = child("s", "p", "a:b:C", old + rest, before)
    assert old_urns(own, now, [], {now: before}) == ([] if expected == own else [expected])


@given(NAMES)
def test_an_alias_that_is_the_own_name_is_none(name: str) -> None:
    urn = child("s", "p", "a:b:c", name, "")
    assert old_urns(urn, "", [Alias(name=name), Alias(urn=urn)], {}) == []
