"""Hashes in locks: which kinds can be trusted, and how they are written."""

from __future__ import annotations

import re

from ..errors import UserError

# pip takes the first three and refuses weaker ones (pip documentation, "Secure installs"); the others are
# those of hashlib that a pylock.toml may have (PEP 751) and that nobody can forge either.
_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}
STRONG = (*_DIGITS, "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s")
# What can be checked, though it proves only that a file came whole.
WEAK = ("sha224", "sha3_224", "sha1", "md5")


def read_hash(value: str) -> str:
    """Reads what stands behind `--hash`.

    Returns:
        `algorithm:hex digits`, in lower case.

    Raises:
        UserError: the algorithm is not one of pip's, or digits are missing.
    """
    lowered = value.lower()
    algorithm, _, digits = lowered.partition(":")
    if len(digits) != _DIGITS.get(algorithm) or not re.fullmatch(r"[0-9a-f]+", digits):
        raise UserError(f"--hash={value or '...'} is no sha256, sha384 or sha512 with all its digits")
    return lowered
