"""Several wheels make one tree, and where they disagree both are named."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from build.cache import Cache
from build.errors import UserError
from build.lock.selection import LockedWheel
from build.tree.layout import layer_files
from build.tree.placed import ReadWheel
from build.wheel.record import parse_record
from tests.build.conftest import Admit
from tests.build.wheelhouse import make_wheel

Read = Callable[..., ReadWheel]


@pytest.fixture
def read(cache: Cache, admit: Admit, tmp_path: Path) -> Read:
    def read(name: str, files: dict[str, bytes], executable: tuple[str, ...] = ()) -> ReadWheel:
        wheel: LockedWheel = admit(make_wheel(tmp_path, name, files=files, executable=executable))
        return ReadWheel(wheel, cache.facts(wheel.sha256, wheel.filename))

    return read


def test_the_same_file_from_two_wheels_is_there_once(read: Read) -> None:
    wheels = [read("one", {"ns/__init__.py": b"same"}), read("two", {"ns/__init__.py": b"same"})]
    paths = [file.path for file in layer_files(wheels, {})]
    assert paths.count("python/ns/__init__.py") == 1


def test_it_is_executable_where_one_of_them_is_whatever_the_order(read: Read) -> None:
    plain, executable = read("one", {"a.sh": b"x"}), read("two", {"a.sh": b"x"}, ("a.sh",))
    for wheels in ([plain, executable], [executable, plain]):
        assert [file.executable for file in layer_files(wheels, {}) if file.path == "python/a.sh"] == [True]


def test_different_bytes_for_one_path_are_refused_naming_both_and_the_way_out(read: Read) -> None:
    wheels = [read("one", {"a.py": b"1", "b.py": b"1"}), read("two", {"a.py": b"2", "b.py": b"2"})]
    reason = r"one-1\.0-\S+ and two-1\.0-\S+ both ship a\.py, .*a\.py=one or prefer a\.py=two; .* b\.py"
    with pytest.raises(UserError, match=reason):
        layer_files(wheels, {})


@pytest.mark.parametrize(("preferred", "content"), [("one", b"1"), ("two", b"2")])
def test_the_preferred_file_counts_and_every_record_matches_it(
    read: Read, cache: Cache, preferred: str, content: bytes
) -> None:
    wheels = [read("one", {"a.py": b"1"}), read("two", {"a.py": b"2"})]
    files = {file.path: file for file in layer_files(wheels, {"a.py": preferred})}
    chosen = files["python/a.py"]
    assert chosen.source is not None
    with zipfile.ZipFile(cache.wheel_path(chosen.source)) as archive:
        assert archive.read("a.py") == content
    records = [files[f"python/{name}-1.0.dist-info/RECORD"].content.decode() for name in ("one", "two")]
    assert len({parse_record(record)["a.py"] for record in records}) == 1


@pytest.mark.parametrize("preferred", ["three", "two"])
def test_a_preference_for_what_nobody_ships_is_refused(read: Read, preferred: str) -> None:
    wheels = [read("one", {"a.py": b"1"}), read("two", {"b.py": b"2"})]
    with pytest.raises(UserError, match=f"prefer a.py={preferred}: {preferred} is not in the lock, or"):
        layer_files(wheels, {"a.py": preferred})


def test_a_file_in_place_of_another_wheels_record_is_refused(read: Read) -> None:
    wheels = [
        read("one", {"one-1.0.data/purelib/two-1.0.dist-info/RECORD": b""}),
        read("two", {"two.py": b""}),
    ]
    with pytest.raises(UserError, match=r"one-\S+ ships two-1\.0\S+RECORD, where two-\S+ has its RECORD"):
        layer_files(wheels, {})


def test_a_file_where_another_wheel_has_a_folder_is_refused(read: Read) -> None:
    wheels = [read("one", {"a": b"1"}), read("two", {"a/b.py": b"2"})]
    with pytest.raises(UserError, match=r"one-\S+ ships the file a, where two-\S+ ships a/b\.py"):
        layer_files(wheels, {})


def test_record_lists_what_is_there_and_itself(read: Read) -> None:
    files = layer_files([read("one", {"one-1.0.data/scripts/x": b"", "a,b.py": b"1"})], {})
    (record,) = [file.content.decode() for file in files if file.path.endswith("/RECORD")]
    listed = parse_record(record)
    assert {f"python/{path}" for path in listed} == {file.path for file in files}
    assert listed["one-1.0.dist-info/RECORD"] == ("", "")
