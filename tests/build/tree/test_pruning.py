"""What is left out: packages by name, files by pattern, and a true account of both."""

from __future__ import annotations

import pytest

from build.errors import UserError
from build.tree.layout import merge
from build.tree.placed import ReadWheel
from build.tree.pruning import Removed, account, pruned

from .conftest import Read


@pytest.fixture
def wheels(read: Read) -> list[ReadWheel]:
    return [
        read(
            "alpha", {"alpha/__init__.py": b"1", "alpha/tests/t.py": b"22", "alpha/tests/deep/u.py": b"333"}
        ),
        read("Beta_Two", {"beta.py": b"1", "alpha/plugin.py": b"1", "docs/beta.txt": b"4444"}),
    ]


@pytest.mark.parametrize("name", ["beta-two", "Beta_Two", "BETA.two"])
def test_a_package_goes_by_any_spelling_of_its_name(wheels: list[ReadWheel], name: str) -> None:
    kept, paths = pruned(wheels, [name, "**/t.py"])
    assert [read.wheel.name for read in kept] == ["alpha"]
    assert paths == {"alpha/tests/t.py"}


def test_names_that_are_not_in_the_lock_are_told_all_at_once_with_near_ones(wheels: list[ReadWheel]) -> None:
    reason = (
        r"exclude alhpa: no package of the lock has this name \(is it alpha\?\); for files, write a "
        r"pattern: /alhpa; exclude nothing: no package of the lock has this name; for files"
    )
    with pytest.raises(UserError, match=reason):
        pruned(wheels, ["nothing", "alhpa", "alpha"])


def test_wrong_names_and_wrong_patterns_are_told_together(wheels: list[ReadWheel]) -> None:
    with pytest.raises(UserError) as caught:
        pruned(wheels, ["alhpa", "/bata.py", "a b", "*.dist-info/"])
    told = str(caught.value)
    for each in ("'a b'", "alhpa", "*.dist-info/", "/bata.py"):
        assert f"exclude {each}: " in told


def test_a_pattern_for_a_package_that_is_left_out_matches_nothing(wheels: list[ReadWheel]) -> None:
    with pytest.raises(UserError, match=r"^exclude /beta\.py: matches no file of the layer"):
        pruned(wheels, ["beta-two", "/beta.py"])


@pytest.mark.parametrize("name", ["", " ", "a b", "!x", "#x", "-", "é"])
def test_what_is_neither_a_name_nor_a_pattern_is_told(wheels: list[ReadWheel], name: str) -> None:
    with pytest.raises(UserError, match=r"this is neither a package's name nor a pattern with a / or a \*"):
        pruned(wheels, [name])


@pytest.mark.parametrize(
    ("pattern", "gone"),
    [
        ("**/tests/**", {"alpha/tests/t.py", "alpha/tests/deep/u.py"}),
        ("tests/", {"alpha/tests/t.py", "alpha/tests/deep/u.py"}),
        ("/beta.py", {"beta.py"}),
        ("alpha/*.py", {"alpha/__init__.py", "alpha/plugin.py"}),
        ("*.txt", {"docs/beta.txt"}),
        ("alpha/tests/deep", {"alpha/tests/deep/u.py"}),
        # With a slash inside, a pattern begins at the top.
        ("alpha/*/[tu].py", {"alpha/tests/t.py"}),
        ("?eta.py", {"beta.py"}),
        ("docs/", {"docs/beta.txt"}),
    ],
)
def test_patterns_are_those_of_gitignore(wheels: list[ReadWheel], pattern: str, gone: set[str]) -> None:
    assert pruned(wheels, [pattern]) == (wheels, gone)


def test_the_order_of_patterns_does_not_matter(wheels: list[ReadWheel]) -> None:
    patterns = ["tests/", "*.txt", "alpha/*.py"]
    assert pruned(wheels, patterns) == pruned(wheels, [*reversed(patterns), *patterns])
    assert pruned(wheels, patterns)[1] == set.union(*(pruned(wheels, [each])[1] for each in patterns))


def test_patterns_that_match_nothing_are_told_all_at_once_with_near_ones(wheels: list[ReadWheel]) -> None:
    reason = (
        r"exclude /bata\.py: matches no file of the layer \(is it beta\.py\?\); "
        r"exclude alpha/test/: matches no file of the layer \(is it alpha/tests"
    )
    with pytest.raises(UserError, match=reason):
        pruned(wheels, ["/bata.py", "alpha/test/", "tests/"])


@pytest.mark.parametrize("pattern", ["!/beta.py", "#/x", "/", "//", " /"])
def test_what_is_no_pattern_of_paths_to_leave_out_is_told(wheels: list[ReadWheel], pattern: str) -> None:
    with pytest.raises(UserError, match=r"exclude .*(this is no pattern|matches no file)"):
        pruned(wheels, [pattern])


def test_dist_info_stays_whatever_matches_it(wheels: list[ReadWheel]) -> None:
    assert not [path for path in pruned(wheels, ["**"])[1] if ".dist-info/" in path]
    with pytest.raises(UserError, match=r"matches only files of dist-info folders, which stay because"):
        pruned(wheels, ["*.dist-info/"])


def test_the_account_has_folders_of_which_nothing_is_left_as_one(wheels: list[ReadWheel]) -> None:
    left = [path for path in merge(wheels, {}) if "/tests/" not in path and path != "beta.py"]
    left += [read.facts["record"] for read in wheels]
    assert account(wheels, left) == [
        Removed("python/alpha/tests/", "alpha", 5, 2),
        Removed("python/beta.py", "beta-two", 1, 1),
    ]


def test_the_account_of_a_package_has_all_of_its_files(wheels: list[ReadWheel]) -> None:
    kept = wheels[:1]
    left = [*merge(kept, {}), kept[0].facts["record"]]
    found = {entry.path: entry for entry in account(wheels, left)}
    assert list(found) == [
        "python/Beta_Two-1.0.dist-info/",
        "python/alpha/plugin.py",
        "python/beta.py",
        "python/docs/",
    ]
    whole = sum(file[5] for file in wheels[1].facts["files"]) + len(wheels[1].facts["record_text"])
    assert sum(entry.size for entry in found.values()) == whole
    assert {entry.package for entry in found.values()} == {"beta-two"}


def test_a_file_that_another_package_ships_too_is_not_removed(read: Read) -> None:
    wheels = [read("one", {"ns/__init__.py": b"same"}), read("two", {"ns/__init__.py": b"same"})]
    left = [*merge(wheels[:1], {}), wheels[0].facts["record"]]
    assert [entry.path for entry in account(wheels, left)] == ["python/two-1.0.dist-info/"]
