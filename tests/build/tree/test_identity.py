"""The digest's laws: order does not matter; any path, mode class, content or property does."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from build.tree.identity import Entry, digest

HASHES = st.binary(max_size=3).map(lambda content: hashlib.sha256(content).hexdigest())
PATHS = st.from_regex(r"[a-cé ,]{1,3}(/[a-c]{1,2})?", fullmatch=True)
TREES = st.dictionaries(PATHS, st.tuples(st.booleans(), HASHES), max_size=5)
PROPERTIES = st.dictionaries(st.sampled_from(["target", "options"]), st.integers(0, 2))


def of(tree: dict[str, tuple[bool, str]], properties: dict[str, int] | None = None) -> str:
    return digest([Entry(path, *rest) for path, rest in tree.items()], properties or {})


@given(TREES, st.randoms(use_true_random=False))
def test_the_order_of_files_does_not_matter(tree: dict[str, tuple[bool, str]], random: object) -> None:
    shuffled = list(tree.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert of(dict(shuffled)) == of(tree)


@given(TREES, TREES, PROPERTIES, PROPERTIES)
def test_different_trees_or_properties_have_different_digests(
    one: dict[str, tuple[bool, str]],
    other: dict[str, tuple[bool, str]],
    properties: dict[str, int],
    others: dict[str, int],
) -> None:
    assume((one, properties) != (other, others))
    assert of(one, properties) != of(other, others)


@given(TREES.filter(bool), st.data())
def test_any_path_mode_or_content_changes_it(tree: dict[str, tuple[bool, str]], data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(tree)))
    executable, sha256 = tree[path]
    rest = {each: leaf for each, leaf in tree.items() if each != path}
    changed = [
        {**rest, path: (not executable, sha256)},
        {**rest, path: (executable, hashlib.sha256(sha256.encode()).hexdigest())},
        {**rest, path + "x": (executable, sha256)},
        rest,
    ]
    assert of(tree) not in [of(each) for each in changed]


@pytest.mark.parametrize(
    ("files", "known"),
    [
        ([], "8c0d3bcdf26a973022f4b06674310a435aa28c5f8f77bc3771eb27021e702261"),
        (
            [Entry("python/a.py", False, "0" * 64), Entry("python/b", True, "1" * 64)],
            "79736909b65aa73cbbc34f8bb02464181434e6e54a33829557683c78d3d812b2",
        ),
    ],
    ids=["nothing", "two files"],
)
def test_it_stays_what_it_was_in_earlier_versions(files: list[Entry], known: str) -> None:
    assert digest(files, {"target": {"runtime": "python3.12"}}) == known
