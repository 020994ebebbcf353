"""The ledger: what its keys say, and what was live before."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release.ledger import before, parse_set, read_ledger, set_name


def keys(*sets: str) -> list[tuple[str, None]]:
    return [(f"releases/{each}.json", None) for each in sets]


def test_versions_and_sets_are_told_apart_and_others_left_out() -> None:
    ledger = read_ledger(keys("api/3", "api=3,worker=2", "api/0", "api/x", "api=3,worker", "a/b/3", "api=03"))
    assert ledger.versions == {"api": {3}}
    assert [each.name for each in ledger.sets] == ["api=3,worker=2"]


def test_the_newest_set_comes_first_whatever_the_order_of_its_text() -> None:
    ledger = read_ledger(keys("api=10,worker=9", "api=9,worker=9", "api=9,worker=8"))
    assert [each.name for each in ledger.sets] == ["api=10,worker=9", "api=9,worker=9", "api=9,worker=8"]


@pytest.mark.parametrize(
    ("live", "target"),
    [
        ({"api": 5, "worker": 5}, {"api": 4, "worker": 4}),
        ({"api": 5, "worker": 4}, {"api": 4, "worker": 4}),
        ({"api": 4, "worker": 5}, {"api": 4, "worker": 4}),
        ({"api": 4, "worker": 4}, {"api": 3, "worker": 4}),
        ({"api": 6, "worker": 6}, {"api": 5, "worker": 5}),
        ({"api": 5, "worker": 5, "late": 1}, {"api": 4, "worker": 4}),
        ({"api": 5}, {"api": 4}),
    ],
    ids=[
        "whole",
        "partly moved",
        "other half",
        "one only",
        "ahead of the ledger",
        "new function",
        "gone function",
    ],
)
def test_what_was_live_before_is_the_greatest_set_below(live: dict[str, int], target: dict[str, int]) -> None:
    ledger = read_ledger(keys("api=3,worker=4", "api=4,worker=4", "api=5,worker=5", "api=5,late=1,worker=5"))
    assert before(live, ledger)[0] == target


def test_nothing_is_before_the_first_release() -> None:
    assert before({"api": 1}, read_ledger(keys("api=1"))) == []


SETS = st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(1, 9), min_size=1), max_size=8)


@settings(deadline=None, max_examples=50)
@given(SETS, st.dictionaries(st.sampled_from("abc"), st.integers(1, 9), min_size=1))
def test_a_rollback_only_ever_goes_back(sets: list[dict[str, int]], live: dict[str, int]) -> None:
    for target in before(live, read_ledger(keys(*map(set_name, sets)))):
        assert all(version <= live[name] for name, version in target.items())
        assert any(version < live[name] for name, version in target.items())


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9.-]*", fullmatch=True), st.integers(1, 999), min_size=1))
def test_a_sets_name_says_all_of_it(versions: dict[str, int]) -> None:
    assert parse_set(set_name(versions)) == versions
