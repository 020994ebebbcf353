"""Names that a bucket can have, and those that S3 takes from nobody."""

from __future__ import annotations

import pytest

from build.bucket_names import is_bucket_name
from build.errors import UserError
from build.external.asked import asked_by
from build.remote.store import Bucket

BAD = [
    *("ab", "a" * 64, "a..b", "-ab", "ab-", ".ab", "ab.", "aB1", "a_b"),
    *("192.168.5.4", "xn--abc", "abc\n", "a/b", ""),
]


@pytest.mark.parametrize("name", ["abc", "a" * 63, "a.b-c.d", "1.2.3", "192.168.5.400x", "my-s3alias"])
def test_what_s3_allows_is_a_name(name: str) -> None:
    assert is_bucket_name(name)


@pytest.mark.parametrize("name", BAD, ids=repr)
def test_what_s3_allows_to_nobody_is_none(name: str) -> None:
    assert not is_bucket_name(name)


def test_an_address_and_two_dots_are_refused_wherever_a_bucket_is_named() -> None:
    for name in ("a..b", "192.168.5.4"):
        with pytest.raises(UserError, match=f"bucket cannot be '{name}'"):
            asked_by({"lock": "x", "python": "3.12", "bucket": name})
        with pytest.raises(UserError, match="cannot be used: write s3://bucket/prefix"):
            Bucket(f"s3://{name}/x")
