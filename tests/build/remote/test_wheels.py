"""Wheels come from the remote cache where it has them, and are hashed as any other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build.cache import Cache

from ..index_fixtures import Lock
from ..index_server import Index
from .conftest import NAME, Run, keys

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@pytest.fixture
def less(found: Path, lock: Lock) -> Path:
    """Another lock, with one of the wheels."""
    return lock(found.read_text().splitlines()[0], name="less.txt")


def test_a_wheel_that_another_lock_brought_is_not_downloaded(
    run: Run, index: Index, s3: S3Client, less: Path
) -> None:
    run()
    asked = index.asked(".whl")
    assert asked == 2
    run(lock=less)
    assert index.asked(".whl") == asked


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 other bytes"], ids=["empty", "other bytes"])
def test_a_wheel_with_other_bytes_is_refused_fetched_from_the_index_and_put_again(
    run: Run,
    index: Index,
    s3: S3Client,
    less: Path,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    content: bytes,
) -> None:
    alpha = run().packages[0]
    key = f"lamina/wheels/{alpha.sha256[:2]}/{alpha.sha256}.whl"
    whole = s3.get_object(Bucket=NAME, Key=key)["Body"].read()
    s3.put_object(Bucket=NAME, Key=key, Body=content)
    built = run(lock=less, place=tmp_path / "place")
    assert built.packages == (alpha,)
    assert index.asked(".whl") == 3
    (said,) = caplog.messages
    assert said.startswith(
        f"the wheel {alpha.sha256[:12]}… of the remote cache s3://ci-cache/lamina has other "
    )
    assert s3.get_object(Bucket=NAME, Key=key)["Body"].read() == whole
    assert Cache(tmp_path / "place" / "cache").damaged([alpha.sha256]) == ()


def test_wheels_that_are_missing_come_from_the_index(
    run: Run, index: Index, s3: S3Client, less: Path
) -> None:
    run()
    for key in keys(s3):
        s3.delete_object(Bucket=NAME, Key=key)
    run(lock=less)
    assert index.asked(".whl") == 3
