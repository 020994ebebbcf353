"""Sizes: what Lambda takes, told before anything is uploaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from build.target import Target
from build.verify.findings import ERROR, NOTE, WARNING, Finding, Share
from build.verify.sizes import MOST_DIRECT, MOST_UNZIPPED, check_sizes, largest
from build.verify.subject import Distribution, Subject

from .conftest import Check, Wheel

ADVICE = "leave something out (slim, exclude): the largest are big 200.0 MB, mid 40.0 MB, low 1.0 MB"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "layer.zip"
    path.write_bytes(b"PK")
    return path


def subject(archive: Path, rest: int = 0, **sizes: int) -> Subject:
    """A layer of one file a package, and one that is nobody's."""
    files = {f"python/{name}.py": size for name, size in sizes.items()}
    packages = {
        name: Distribution(name, "1", (), (), (f"python/{name}.py",), size) for name, size in sizes.items()
    }
    return Subject(Target("3.12", "x86_64"), files | {"lamina.json": rest}, packages, {}, archive)


def test_what_is_larger_than_lambda_takes_is_an_error(archive: Path) -> None:
    layer = subject(archive, 22_000_001, tiny=1, big=200_000_000, mid=40_000_000, low=1_000_000)
    what = "it has 263.0 MB unzipped; Lambda takes 262.1 MB (250 MiB) for a function and its layers"
    assert list(check_sizes(layer)) == [Finding(ERROR, "", "", what, ADVICE)]


def test_the_limit_itself_is_taken_and_a_byte_more_is_not(archive: Path) -> None:
    assert [each.level for each in check_sizes(subject(archive, MOST_UNZIPPED))] == [WARNING]
    assert [each.level for each in check_sizes(subject(archive, MOST_UNZIPPED + 1))] == [ERROR]


def test_what_leaves_little_for_the_code_is_a_warning(archive: Path) -> None:
    layer = subject(archive, tiny=1, big=200_000_000, mid=40_000_000, low=1_000_000)
    what = "it has 241.0 MB unzipped, which leaves 21.1 MB for the function's code"
    assert list(check_sizes(layer)) == [Finding(WARNING, "", "", what, ADVICE)]


def test_what_is_beside_the_layer_counts(archive: Path) -> None:
    layer = subject(archive, big=200_000_000)
    assert list(check_sizes(layer)) == []
    (found,) = check_sizes(layer, beside=62_144_001)
    assert found.level == ERROR
    assert found.what.startswith("it has 262.1 MB unzipped with the 62.1 MB beside it; Lambda takes 262.1 MB")
    (found,) = check_sizes(layer, beside=62_144_000)
    assert found.what == "it has 262.1 MB unzipped with the 62.1 MB beside it, which leaves 0 B"


def test_a_zip_that_cannot_be_uploaded_directly_is_a_note(archive: Path) -> None:
    with archive.open("r+b") as stream:
        stream.truncate(MOST_DIRECT)
    assert list(check_sizes(subject(archive))) == []
    with archive.open("r+b") as stream:
        stream.truncate(MOST_DIRECT + 1)
    what = "its zip has 52.4 MB; more than 52.4 MB (50 MiB) cannot be uploaded directly"
    todo = "publish it from a bucket, as the components do"
    assert list(check_sizes(subject(archive))) == [Finding(NOTE, "", "", what, todo)]


def test_a_sixth_layer_is_an_error(archive: Path) -> None:
    assert list(check_sizes(subject(archive), layers=5)) == []
    what = "the function would have 6 layers, and may have 5"
    todo = "put several locks into one layer"
    assert list(check_sizes(subject(archive), layers=6)) == [Finding(ERROR, "", "", what, todo)]


def test_the_ten_largest_packages_are_told_with_their_shares(archive: Path) -> None:
    layer = subject(archive, 45, **{f"p{number:02}": number for number in range(11)})
    shares = largest(layer)
    assert shares[:2] == (Share("p10", 10, 10.0), Share("p09", 9, 9.0))
    assert [each.package for each in shares] == [f"p{number:02}" for number in range(10, 0, -1)]
    assert [each.package for each in largest(subject(archive, b=1, a=1))] == ["a", "b"]
    assert largest(subject(archive)) == ()


def test_a_real_layer_that_is_too_large_is_an_error(check: Check, wheel: Wheel) -> None:
    big = wheel("big", files={"big/data.bin": bytes(5_000_000)}, level=0)
    verdict = check(big, wheel("small"), beside=260_000_000)
    (found,) = verdict.findings
    assert found.what.startswith("it has 265.0 MB unzipped with the 260.0 MB beside it; Lambda takes")
    assert found.todo.startswith("leave something out (slim, exclude): the largest are big 5.0 MB, small ")
    assert [(each.package, each.share) for each in verdict.largest] == [("big", 100.0), ("small", 0.0)]
