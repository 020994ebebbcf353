"""What the name of an S3 bucket can be."""

from __future__ import annotations

import re

# Amazon S3 User Guide, "General purpose bucket naming rules". The endings that it reserves are left out: they
# are of access points' aliases and of directory buckets, which can stand in a bucket's place.
_NAME = re.compile(r"(?!xn--)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_IP_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+", re.ASCII)


def is_bucket_name(text: str) -> bool:
    """Whether a bucket can be called so."""
    return bool(_NAME.fullmatch(text)) and not _IP_ADDRESS.fullmatch(text)
