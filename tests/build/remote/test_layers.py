"""A layer that one runner built, another one gets from the remote cache."""

from __future__ import annotations

import itertools
import json
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build.remote.cache import RemoteCache
from build.temporary import is_temporary
from build.tree.options import LayerOptions
from local.aws.server import Server

from ..cache.children import code_of, in_child, killed_at
from ..index_fixtures import Lock
from ..index_server import Index
from ..wheelhouse import make_wheel
from .conftest import NAME, URL, Run, keys, operations

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_cold_runner_with_an_unchanged_lock_asks_no_index_and_gets_the_same_files(
    run: Run, index: Index, s3: S3Client, cloud: Server
) -> None:
    first = run()
    asked = index.asked("")
    operations(cloud)
    second = run()
    assert index.asked("") == asked
    assert operations(cloud) == ["GetObject 200", "GetObject 200"]
    assert files(second.zip.parent) == files(first.zip.parent)
    assert len(files(second.zip.parent)) == 3
    assert second.packages == first.packages


def test_where_the_zip_is_not_wanted_only_the_manifest_comes(run: Run, s3: S3Client, cloud: Server) -> None:
    first = run()
    operations(cloud)
    second = run(zip_wanted=False)
    assert operations(cloud) == ["GetObject 200"]
    assert second.digest == first.digest
    assert not second.zip.exists()
    assert second.manifest.read_bytes() == first.manifest.read_bytes()


def test_a_zip_that_is_there_is_not_fetched_again(
    run: Run, s3: S3Client, cloud: Server, tmp_path: Path
) -> None:
    first = run()
    place = tmp_path / "place"
    (place / "out").mkdir(parents=True)
    (place / "out" / first.zip.name).write_bytes(first.zip.read_bytes())
    operations(cloud)
    run(place=place)
    assert operations(cloud) == ["GetObject 200"]


def test_what_is_built_is_put_once(run: Run, s3: S3Client, cloud: Server, tmp_path: Path) -> None:
    built = run(place=tmp_path / "one")
    wheels = [f"lamina/wheels/{each.sha256[:2]}/{each.sha256}.whl" for each in built.packages]
    zip_key = f"lamina/zips/{built.zip_sha256[:2]}/{built.zip_sha256}.zip"
    layer, *rest = keys(s3)
    assert rest == sorted([*wheels, zip_key])
    assert layer.startswith("lamina/layers/")
    operations(cloud)
    run(place=tmp_path / "one")
    # The wheels are known here, and what was put is remembered.
    assert operations(cloud) == []


def test_many_runners_may_put_the_same_at_once(run: Run, s3: S3Client, tmp_path: Path) -> None:
    children = [in_child(partial(run, place=tmp_path / f"child{number}")) for number in range(5)]
    assert [code_of(child) for child in children] == [0] * 5
    assert len(keys(s3)) == 4
    assert len({path.read_bytes() for path in tmp_path.glob("child*/out/*.zip")}) == 1


def test_another_target_option_name_or_lock_is_another_layer(
    run: Run, s3: S3Client, found: Path, lock: Lock
) -> None:
    run()
    count = len([key for key in keys(s3) if "/layers/" in key])
    run(options=LayerOptions(exclude=("beta",)))
    run(lock=lock(*found.read_text().splitlines()[:1], name="less.txt"))
    assert len([key for key in keys(s3) if "/layers/" in key]) == count + 2


def test_comments_and_folders_do_not_make_another_layer(
    run: Run, s3: S3Client, cloud: Server, found: Path, tmp_path: Path
) -> None:
    run()
    operations(cloud)
    elsewhere = tmp_path / "elsewhere" / "requirements.txt"
    elsewhere.parent.mkdir()
    elsewhere.write_text("# a comment\n" + found.read_text())
    run(lock=elsewhere)
    assert operations(cloud) == ["GetObject 200", "GetObject 200"]


def test_credentials_of_an_index_do_not_enter_keys_or_objects(
    run: Run, index: Index, s3: S3Client, cloud: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.url_for("someone", "hunter2"))
    run()
    operations(cloud)
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.url_for("another", "swordfish"))
    run()
    assert operations(cloud) == ["GetObject 200", "GetObject 200"]
    for key in keys(s3):
        assert b"hunter2" not in s3.get_object(Bucket=NAME, Key=key)["Body"].read()


def test_a_lock_that_names_a_wheel_of_this_machine_is_built_here(
    run: Run, s3: S3Client, cloud: Server, lock: Lock, tmp_path: Path
) -> None:
    wheel = make_wheel(tmp_path / "house", "delta")
    run(lock=lock(str(wheel), name="local.txt"))
    assert not [key for key in keys(s3) if "/layers/" in key]
    assert "GetObject 200" not in operations(cloud)


def test_folders_of_wheels_count_by_their_content(
    run: Run, s3: S3Client, cloud: Server, lock: Lock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = make_wheel(tmp_path / "house", "delta")
    asked = lock("--no-index", "--find-links ./house", "delta==1.0", name="local.txt")
    first = run(lock=asked)
    os.utime(wheel, (0, 0))
    operations(cloud)
    assert run(lock=asked).digest == first.digest
    assert operations(cloud) == ["GetObject 200", "GetObject 200"]
    make_wheel(tmp_path / "house", "delta", files={"delta.py": b"other"})
    assert run(lock=asked).digest != first.digest


def test_folders_of_wheels_do_not_count_where_the_lock_names_hashes(
    run: Run, s3: S3Client, cloud: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    operations(cloud)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    run()
    assert operations(cloud) == ["GetObject 200", "GetObject 200"]


def test_refresh_asks_the_indexes_and_not_the_remote_cache(run: Run, index: Index, s3: S3Client) -> None:
    run()
    asked = index.asked("")
    run(refresh=True)
    assert index.asked("") > asked


def test_a_read_only_one_is_read_and_not_written(run: Run, s3: S3Client, cloud: Server) -> None:
    run(RemoteCache(URL, read_only=True))
    assert keys(s3) == []
    run()
    before = keys(s3)
    operations(cloud)
    run(RemoteCache(URL, read_only=True))
    assert operations(cloud) == ["GetObject 200", "GetObject 200"]
    assert keys(s3) == before


def test_the_answer_is_json_that_people_can_read(run: Run, s3: S3Client) -> None:
    built = run()
    (key,) = (key for key in keys(s3) if "/layers/" in key)
    found = json.loads(s3.get_object(Bucket=NAME, Key=key)["Body"].read())
    assert found["manifest"] == json.loads(built.manifest.read_bytes())


def test_killed_while_it_fetches_the_next_build_gives_the_same(
    run: Run, s3: S3Client, tmp_path: Path
) -> None:
    first = run()
    for step in itertools.count(1):
        place = tmp_path / f"place{step}"
        place.mkdir()
        came_that_far = killed_at(step, place, partial(run, RemoteCache(URL), place=place))
        assert run(place=place).zip.read_bytes() == first.zip.read_bytes()
        left = [path.name for path in (place / "out").iterdir() if not is_temporary(path.name)]
        assert len(left) == 3
        if not came_that_far:
            break
    assert step > 8
