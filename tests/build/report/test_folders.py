"""The folders of a package: all of it, none too many, and what is large is opened."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from build.report.folders import Folder, folders_of

PATHS = st.lists(st.sampled_from(["a", "b", "c", "python"]), min_size=1, max_size=5).map("/".join)
# A path that is a file is no folder of another.
CONTENTS = st.dictionaries(PATHS.map(lambda path: f"python/{path}/it.py"), st.integers(0, 99), min_size=1)


@given(CONTENTS)
def test_the_parts_are_the_whole(sizes: dict[str, int]) -> None:
    found = folders_of({path: (0, size) for path, size in sizes.items()})
    assert sum(each.size for each in found) == sum(sizes.values())
    assert sum(each.files for each in found) == len(sizes)
    assert found == sorted(found, key=lambda each: -each.size)


def test_paths_are_below_the_folder_of_modules() -> None:
    for site in ("python/", "python/lib/python3.12/site-packages/"):
        found = folders_of({f"{site}six.py": (0, 2), f"{site}six-1.0.dist-info/METADATA": (0, 1)})
        assert found == [Folder("six.py", 2, 1), Folder("six-1.0.dist-info/METADATA", 1, 1)]


def test_one_file_is_one_part() -> None:
    assert folders_of({"python/six.py": (0, 2)}) == [Folder("six.py", 2, 1)]


def test_many_small_ones_are_put_together() -> None:
    found = folders_of({f"python/a/{number:03}.py": (0, 1) for number in range(100)})
    assert len(found) == 60
    assert found[0] == Folder("41 smaller ones", 41, 41)


def test_what_is_most_of_it_is_opened_however_many_there_are() -> None:
    small = {f"python/a/{number:03}.py": (0, 1) for number in range(100)}
    found = folders_of({**small, "python/a/data/x.bin": (0, 600), "python/a/data/y.bin": (0, 400)})
    assert [each.path for each in found[:2]] == ["a/data/x.bin", "a/data/y.bin"]
