"""Names that may be installed, and files that would have to be folders."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.wheel.names import colliding, name_fault, shown

PATHS = st.lists(
    st.lists(st.sampled_from(["a", "b", "a.py", "a b", "-"]), min_size=1, max_size=4).map("/".join)
)


@given(PATHS)
def test_a_file_collides_if_and_only_if_another_is_below_it(paths: list[str]) -> None:
    found = colliding(paths)
    expected = {one for one in paths if any(other.startswith(f"{one}/") for other in paths)}
    assert {path for path, _ in found} == expected
    assert all(below in paths and below.startswith(f"{path}/") for path, below in found)


@pytest.mark.parametrize(
    "name", ["aux.py", "a.", "ab:c", "a b", "a?*", "日本.py", "é", "😀", "a\u00a0b", "..a", "a..", "..."]
)
def test_what_linux_can_have_is_fine(name: str) -> None:
    assert name_fault(name) is None
    assert name_fault(f"demo/{name}") is None


@given(st.text())
def test_what_is_shown_is_one_line_of_visible_characters(text: str) -> None:
    assert shown(text).isprintable()
    assert len(shown(text).splitlines()) <= 1
    assert len(shown(text * 1000)) < 3000
