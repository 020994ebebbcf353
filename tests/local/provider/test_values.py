"""Values on the wire, and secrets that stay secret."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from local.provider.values import (
    OUTPUT_SIGNATURE,
    SIGNATURE,
    UNKNOWN,
    Asset,
    Secret,
    State,
    has_secret,
    has_unknown,
    keep_secrets,
    marshal,
    reveal,
    unmarshal,
)

NAMES = st.text("abcdefgh", min_size=1, max_size=4)
PLAIN = st.one_of(st.booleans(), st.integers(-(2**31), 2**31), st.text("abc \n€", max_size=5))
LEAVES = st.one_of(
    PLAIN,
    st.just(UNKNOWN),
    st.builds(Secret, PLAIN),
    st.builds(
        lambda digest: Asset(archive=True, fields={"hash": digest, "path": "x"}), st.text("01", min_size=1)
    ),
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3))
)
STATES = st.dictionaries(NAMES, VALUES, max_size=4)


@given(STATES)
def test_what_goes_over_the_wire_comes_back(state: State) -> None:
    assert unmarshal(marshal(state)) == state


@given(STATES)
def test_revealed_values_hold_no_secret_and_lose_nothing_unknown(state: State) -> None:
    assert not has_secret(reveal(state))
    assert has_unknown(reveal(state)) == has_unknown(state)


@given(STATES)
def test_secrets_come_back_where_the_inputs_had_them(state: State) -> None:
    kept = keep_secrets(reveal(state), state)
    assert has_secret(kept) == has_secret(state)
    assert reveal(kept) == reveal(state)


def test_secret_is_never_part_of_a_text() -> None:
    assert "hush" not in repr(Secret("hush"))
    assert "hush" not in str({"x": [Secret("hush")]})


def test_secret_within_an_object_that_became_text_makes_the_text_secret() -> None:
    assert keep_secrets({"policy": '{"a":"b"}'}, {"policy": {"a": Secret("b")}}) == {
        "policy": Secret('{"a":"b"}')
    }


def test_output_value_is_its_element_or_unknown() -> None:
    wire = marshal(
        {"a": {SIGNATURE: OUTPUT_SIGNATURE, "value": "x", "secret": True}, "b": {SIGNATURE: OUTPUT_SIGNATURE}}
    )
    assert unmarshal(wire) == {"a": Secret("x"), "b": UNKNOWN}


def test_assets_are_equal_when_their_hashes_are() -> None:
    one = Asset(archive=False, fields={"hash": "1", "path": "here"})
    assert one == Asset(archive=False, fields={"hash": "1", "path": "there"})
    assert one != Asset(archive=False, fields={"hash": "2", "path": "here"})
    assert one != Asset(archive=True, fields={"hash": "1", "path": "here"})
