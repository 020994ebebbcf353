"""The ledger of releases: which function versions have passed their smoke test."""

from __future__ import annotations

import re

from . import listing
from .cloud import Cloud

PREFIX = "releases/"
_ENTRY = re.compile(r"releases/([^/]+)/(\d+)\.json")
# The versions that were live together: `releases/api=5,worker=5.json`.
_SET = re.compile(r"releases/([^/]+=\d+)\.json")


def released(cloud: Cloud, bucket: str) -> set[tuple[str, int]]:
    """The versions that the ledger names, by the functions' short names.

    Args:
        cloud: where the bucket is.
        bucket: that has the ledger.

    Raises:
        FailureError: it cannot be read.
    """
    return {each for found in listing.objects(cloud, bucket, PREFIX) for each in named_by(found.key)}


def named_by(key: str) -> list[tuple[str, int]]:
    """The versions that an object of the ledger stands for; none for an object of another kind."""
    if entry := _ENTRY.fullmatch(key):
        return [(entry[1], int(entry[2]))]
    if together := _SET.fullmatch(key):
        parts = [part.rpartition("=") for part in together[1].split(",")]
        return [(name, int(number)) for name, _, number in parts if number.isdecimal()]
    return []
