"""The promises of a built layer: one content, one digest; one set of wheels, one zip."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import shutil
import signal
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from build.cache import Cache
from build.errors import FailureError, UserError
from build.layer import assemble, check_name
from build.lock.selection import LockedWheel
from build.target import Target
from build.tree.manifest import BuiltLayer
from build.tree.options import DEFAULTS, LayerOptions

from .conftest import Admit, admitted
from .wheelhouse import make_wheel

Build = Callable[..., BuiltLayer]


@pytest.fixture
def build(cache: Cache, target: Target, tmp_path: Path) -> Build:
    def build(
        *wheels: LockedWheel, options: LayerOptions = DEFAULTS, output: Path | None = None
    ) -> BuiltLayer:
        where = output or tmp_path / "out"
        return assemble(wheels, target=target, name="deps", output=where, options=options, cache=cache)

    return build


def unpacked(built: BuiltLayer) -> dict[str, bytes]:
    with zipfile.ZipFile(built.zip) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


def test_same_wheels_in_any_order_give_one_digest_and_the_same_bytes(
    build: Build, admit: Admit, tmp_path: Path
) -> None:
    wheels = [admit(make_wheel(tmp_path, name)) for name in ("alpha", "beta", "gamma")]
    one = build(*wheels)
    other = build(*reversed(wheels), output=tmp_path / "other")
    assert (one.digest, one.zip_sha256) == (other.digest, other.zip_sha256)
    assert one.zip.read_bytes() == other.zip.read_bytes()


def test_the_same_content_packed_otherwise_keeps_the_digest(
    build: Build, admit: Admit, tmp_path: Path
) -> None:
    content = {"demo.py": b"value = 1\n" * 100}
    one = build(admit(make_wheel(tmp_path / "a", files=content, level=1)))
    other = build(admit(make_wheel(tmp_path / "b", files=content, level=0, date=(2030, 1, 1, 0, 0, 0))))
    assert one.digest == other.digest
    assert one.zip_sha256 != other.zip_sha256
    assert unpacked(one) == unpacked(other)


@pytest.mark.parametrize(
    "change",
    [
        {"files": {"demo.py": b"value = 2\n"}},
        {"files": {"demo_.py": b"value = 1\n"}},
        {"executable": ["demo.py"]},
        {"files": {"demo.py": b"value = 1\n", "more.py": b""}},
    ],
    ids=["byte", "name", "executable bit", "file"],
)
def test_any_change_of_the_content_changes_the_digest(
    build: Build, admit: Admit, tmp_path: Path, change: dict[str, object]
) -> None:
    one = build(admit(make_wheel(tmp_path / "a")))
    other = build(admit(make_wheel(tmp_path / "b", **change)))  # type: ignore[arg-type]
    assert one.digest != other.digest


def test_target_and_options_are_part_of_the_digest(cache: Cache, admit: Admit, tmp_path: Path) -> None:
    wheel = admit(make_wheel(tmp_path))
    digests = {
        assemble(
            [wheel], target=target, name="deps", output=tmp_path / "o", options=options, cache=cache
        ).digest
        for target in (Target("3.12", "x86_64"), Target("3.12", "arm64"), Target("3.13", "x86_64"))
        for options in (DEFAULTS, LayerOptions({"demo.py": "demo"}))
    }
    assert len(digests) == 6


def test_the_name_is_no_part_of_the_digest(
    cache: Cache, admit: Admit, target: Target, tmp_path: Path
) -> None:
    wheel = admit(make_wheel(tmp_path))
    one, other = (
        assemble([wheel], target=target, name=name, output=tmp_path / "o", options=DEFAULTS, cache=cache)
        for name in ("deps", "other")
    )
    assert one.digest == other.digest
    assert one.zip.read_bytes() == other.zip.read_bytes()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.dictionaries(
        st.from_regex(r"[a-z]{1,8}(/[a-zé,]{1,8}){0,2}\.py", fullmatch=True),
        st.binary(max_size=200),
        min_size=1,
        max_size=6,
    ),
    level=st.sampled_from([0, 1, 9]),
)
def test_every_file_arrives_whole_whatever_it_holds(
    tmp_path: Path, target: Target, files: dict[str, bytes], level: int
) -> None:
    home = tmp_path / str(time.perf_counter_ns())
    cache = Cache(home / "cache")
    wheel = admitted(cache, make_wheel(home, files=files, level=level))
    built = assemble([wheel], target=target, name="d", output=home, options=DEFAULTS, cache=cache)
    content = unpacked(built)
    assert {path: content[f"python/{path}"] for path in files} == files
    assert built.unzipped_size == sum(map(len, content.values()))
    assert built.files == len(content)


def test_clock_umask_and_working_folder_do_not_matter(
    build: Build, admit: Admit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = admit(make_wheel(tmp_path, executable=["demo.py"]))
    one = build(wheel)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o077)
    try:
        other = build(wheel, output=Path("elsewhere"))
    finally:
        os.umask(before)
    assert one.zip.read_bytes() == other.zip.read_bytes()
    assert other.zip.stat().st_mode & 0o777 == 0o644


def test_the_zip_has_fixed_dates_normal_modes_and_sorted_names(
    build: Build, admit: Admit, tmp_path: Path
) -> None:
    built = build(admit(make_wheel(tmp_path, executable=["demo.py"])))
    with zipfile.ZipFile(built.zip) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == sorted(info.filename for info in infos)
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    modes = {info.filename: oct(info.external_attr >> 16) for info in infos}
    assert modes.pop("python/demo.py") == "0o100755"
    assert set(modes.values()) == {"0o100644"}


def test_the_manifest_inside_names_what_the_digest_determines_and_no_more(
    build: Build, admit: Admit, tmp_path: Path
) -> None:
    built = build(admit(make_wheel(tmp_path)))
    assert json.loads(unpacked(built)["lamina.json"]) == {
        "format": 1,
        "digest": built.digest,
        "target": {"runtime": "python3.12", "architecture": "x86_64"},
        "options": {},
        "packages": [{"name": "demo", "version": "1.0"}],
    }


def test_the_manifest_beside_names_wheels_and_hashes_but_no_folder(
    build: Build, admit: Admit, tmp_path: Path
) -> None:
    wheel = admit(make_wheel(tmp_path))
    built = build(wheel)
    beside = json.loads(built.manifest.read_text())
    assert beside["packages"] == [
        {"name": "demo", "version": "1.0", "wheel": wheel.filename, "sha256": wheel.sha256}
        | {"size": built.unzipped_size - len(unpacked(built)["lamina.json"]), "files": built.files - 1}
    ]
    assert beside["zip_sha256"] == built.zip_sha256
    assert str(tmp_path) not in built.manifest.read_text()


def test_a_second_build_writes_nothing(build: Build, admit: Admit, tmp_path: Path) -> None:
    wheel = admit(make_wheel(tmp_path))
    built = build(wheel)
    before = [(path.stat().st_ino, path.stat().st_mtime_ns) for path in (built.zip, built.manifest)]
    assert build(wheel) == built
    assert [(path.stat().st_ino, path.stat().st_mtime_ns) for path in (built.zip, built.manifest)] == before


@pytest.mark.parametrize("damage", [b"", b"damaged"], ids=["empty", "other bytes"])
def test_a_damaged_zip_is_built_again(build: Build, admit: Admit, tmp_path: Path, damage: bytes) -> None:
    wheel = admit(make_wheel(tmp_path))
    whole = build(wheel).zip.read_bytes()
    build(wheel).zip.write_bytes(damage)
    assert build(wheel).zip.read_bytes() == whole


def test_a_damaged_manifest_is_written_again(build: Build, admit: Admit, tmp_path: Path) -> None:
    wheel = admit(make_wheel(tmp_path))
    whole = build(wheel).manifest.read_bytes()
    build(wheel).manifest.write_text("{")
    assert build(wheel).manifest.read_bytes() == whole


def test_a_full_disk_leaves_what_was_there_and_nothing_half_written(
    build: Build, admit: Admit, tmp_path: Path
) -> None:
    wheel = admit(make_wheel(tmp_path, files={"big.py": os.urandom(3 << 20)}, level=0))

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    try:
        with pytest.raises(FailureError, match="out cannot be written: File too large"):
            build(wheel)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert list((tmp_path / "out").iterdir()) == []


def test_an_unwritable_output_says_which_folder(build: Build, admit: Admit, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(
        FailureError, match=r"out cannot be written: a file is in its way; name another folder"
    ):
        build(admit(make_wheel(tmp_path)))


def test_a_wheel_that_left_the_cache_is_told_by_name(
    build: Build, admit: Admit, cache: Cache, tmp_path: Path
) -> None:
    wheel = admit(make_wheel(tmp_path))
    cache.wheel_path(wheel.sha256).unlink()
    with pytest.raises(FailureError, match=r"demo-1\.0-\S+ is no longer in the cache .*; build again"):
        build(wheel)


@pytest.mark.parametrize("facts", ["kept", "lost"])
def test_a_damaged_wheel_leaves_the_cache_so_that_the_next_build_fetches_it(
    build: Build, admit: Admit, cache: Cache, tmp_path: Path, facts: str
) -> None:
    wheel = admit(make_wheel(tmp_path))
    cache.wheel_path(wheel.sha256).write_bytes(b"PK")
    if facts == "lost":
        shutil.rmtree(cache.root / "facts")
    with pytest.raises(FailureError, match=r"the cached demo-1\.0-\S+ was damaged, and is removed"):
        build(wheel)
    assert not cache.has_wheel(wheel.sha256)
    assert build(admit(make_wheel(tmp_path))).files


def test_facts_that_are_lost_are_computed_again(
    build: Build, admit: Admit, cache: Cache, tmp_path: Path
) -> None:
    wheel = admit(make_wheel(tmp_path))
    one = build(wheel)
    shutil.rmtree(cache.root / "facts")
    assert build(wheel, output=tmp_path / "again").zip_sha256 == one.zip_sha256


def _build_in(arguments: tuple[Path, LockedWheel, Path]) -> str:
    root, wheel, output = arguments
    target = Target("3.12", "x86_64")
    return assemble(
        [wheel], target=target, name="d", output=output, options=DEFAULTS, cache=Cache(root)
    ).zip_sha256


def test_two_builds_at_once_into_one_folder_agree(cache: Cache, admit: Admit, tmp_path: Path) -> None:
    wheel = admit(make_wheel(tmp_path, files={"a.py": os.urandom(1 << 20)}))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        hashes = pool.map(_build_in, [(cache.root, wheel, tmp_path / "out")] * 4)
    assert len(set(hashes)) == 1
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_more_files_than_a_plain_zip_can_count_are_all_there(
    build: Build, admit: Admit, tmp_path: Path
) -> None:
    files = {f"d/{number}.py": b"" for number in range(66_000)}
    built = build(admit(make_wheel(tmp_path, files=files, level=0)))
    with zipfile.ZipFile(built.zip) as archive:
        assert len(archive.infolist()) == built.files == 66_000 + 4


@pytest.mark.parametrize("name", ["", "a" * 65, "a/b", "ä", "a b", "../a"])
def test_a_name_that_aws_would_not_take_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="cannot be a layer's name"):
        check_name(name)
