"""Names that are made up for resources that were given none."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.provider.errors import ProviderError
from local.provider.naming import Mode, Proposal, auto_name

NAMES = st.text("abcXYZ-", min_size=1, max_size=40)
SEEDS = st.binary(min_size=1, max_size=32)


@given(NAMES, SEEDS)
def test_name_is_the_resource_a_dash_and_seven_hex_digits(name: str, seed: bytes) -> None:
    made = auto_name(name, seed, 64)
    assert re.fullmatch(re.escape(name) + "-[0-9a-f]{7}", made)


@given(NAMES, SEEDS)
def test_one_seed_gives_one_name(name: str, seed: bytes) -> None:
    assert auto_name(name, seed, 64) == auto_name(name, seed, 64)


def test_another_seed_gives_another_name_and_none_a_random_one() -> None:
    assert auto_name("a", b"1", 64) != auto_name("a", b"2", 64)
    assert auto_name("a", b"", 64) != auto_name("a", b"", 64)


def test_name_that_would_be_too_long_is_refused() -> None:
    with pytest.raises(ProviderError, match="plus 7 random chars is longer than maximum length 64"):
        auto_name("a" * 57, b"1", 64)
    assert len(auto_name("a" * 56, b"1", 64)) == 64


def test_proposals_of_the_stack_are_respected() -> None:
    assert auto_name("A", b"1", 9, lower=True, proposal=Proposal("Own", Mode.PROPOSE)) == "own"
    assert auto_name("A", b"1", 9, lower=True, proposal=Proposal("Own", Mode.ENFORCE)) == "Own"
    with pytest.raises(ProviderError, match="automatic naming is disabled"):
        auto_name("A", b"1", 9, proposal=Proposal("", Mode.DISABLE))
    with pytest.raises(ProviderError, match="exceeds maximum length of 2"):
        auto_name("A", b"1", 2, proposal=Proposal("own", Mode.PROPOSE))
