"""What differs is found, whatever is known; and the reason fits on a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.report.described import Described, Package, from_manifest
from build.report.difference import difference
from build.report.zips import from_zip
from build.tree.manifest import BuiltLayer
from build.tree.options import LayerOptions

from .layers import Make, described

PACKAGES = st.builds(
    Package,
    name=st.sampled_from("abcd"),
    version=st.sampled_from(["1", "2"]),
    size=st.sampled_from([None, 1, 2]),
    files=st.just(1),
)
LAYERS = st.lists(PACKAGES).map(lambda packages: described(*packages))


def by_manifest(built: BuiltLayer) -> Described:
    return from_manifest(json.loads(built.manifest.read_bytes()), "it")


@given(LAYERS)
def test_nothing_differs_from_itself(layer: Described) -> None:
    found = difference(layer, layer)
    assert found.is_same
    assert found.reason() == "the digest is the same"


@given(LAYERS, LAYERS)
def test_the_way_back_adds_what_the_way_there_removed(one: Described, other: Described) -> None:
    there, back = difference(one, other), difference(other, one)
    assert (there.added, there.removed) == (back.removed, back.added)
    assert [(each.before, each.after) for each in there.changed] == [
        (each.after, each.before) for each in back.changed
    ]


@given(LAYERS, LAYERS)
def test_a_package_that_is_in_one_or_has_two_versions_is_told(one: Described, other: Described) -> None:
    found = difference(one, other)
    told = {each.name for each in found.added + found.removed} | {each.name for each in found.changed}
    for name in one.packages.keys() | other.packages.keys():
        before, after = one.packages.get(name), other.packages.get(name)
        if before is None or after is None or before.version != after.version:
            assert name in told
        elif before == after:
            assert name not in told


def test_the_reason_names_versions_packages_and_options(make: Make) -> None:
    old = by_manifest(make({"one": ("1.0", {"one.py": b""}), "two": ("1.0", {"two.py": b""})}))
    new = by_manifest(
        make(
            {"one": ("1.1", {"one.py": b"1"}), "three": ("1.0", {"three.py": b""})},
            options=LayerOptions(slim=True),
        )
    )
    assert difference(old, new).reason() == (
        "the digest changed: one 1.0 → 1.1; added three 1.0; removed two 1.0; slim: none → yes"
    )


def test_another_target_is_a_reason(make: Make) -> None:
    packages = {"one": ("1.0", {"one.py": b""})}
    found = difference(by_manifest(make(packages)), by_manifest(make(packages, python="3.13")))
    assert found.reason() == "the digest changed: runtime: python3.12 → python3.13"


def test_other_files_of_the_same_version_are_a_reason() -> None:
    one = described(Package("six", "1.0", 10, 1, "a" * 64))
    other = described(Package("six", "1.0", 12, 1, "b" * 64), digest="b" * 64)
    assert difference(one, other).reason() == "the digest changed: other files in six 1.0"


def test_other_wheels_of_the_same_content_are_told_apart_from_a_change() -> None:
    one = described(Package("six", "1.0", 10, 1, "a" * 64), zip_sha256="1")
    other = described(Package("six", "1.0", 10, 1, "b" * 64), zip_sha256="2")
    found = difference(one, other)
    assert not found.is_same
    assert found.reason() == "the digest is the same: other wheels of the same content were packed"


def test_many_changes_are_counted() -> None:
    one = described(*(Package(name, "1") for name in "abcdef"))
    other = described(*(Package(name, "2") for name in "abcdef"), digest="b" * 64)
    assert difference(one, other).reason() == "the digest changed: a 1 → 2, b 1 → 2, c 1 → 2 and 3 more"


def test_zips_are_compared_file_by_file(make: Make) -> None:
    one = from_zip(make({"one": ("1.0", {"one.py": b"1", "gone.py": b""})}).zip, "one")
    other = from_zip(make({"one": ("1.1", {"one.py": b"2", "new.py": b""})}).zip, "other")
    (change,) = difference(one, other).changed
    assert change.files is not None
    assert change.files.changed == ("python/one.py",)
    assert "python/gone.py" in change.files.removed
    assert "python/new.py" in change.files.added


def test_a_zip_and_its_manifest_agree(make: Make) -> None:
    built = make({"one": ("1.0", {"one.py": b"1"}), "two": ("2.0", {"two.py": b"1", "one.py": b"1"})})
    found = difference(from_zip(built.zip, "zip"), by_manifest(built))
    assert found.is_same, found


@pytest.mark.parametrize("python", ["3.12", "3.13"])
def test_a_lock_that_was_built_is_the_same_as_its_layer(make: Make, tmp_path: Path, python: str) -> None:
    from build.cache import Cache
    from build.report.reading import describe_lock
    from build.target import Target

    built = make({"one": ("1.0", {"one.py": b"1"})}, python=python)
    lock = describe_lock(
        tmp_path / "lock.txt", target=Target(python, "x86_64"), cache=Cache(tmp_path / "cache")
    )
    assert difference(lock, by_manifest(built)).is_same
