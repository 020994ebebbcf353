"""The floor: what reading, hashing and writing the same wheels costs a process that does nothing else."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path


def copy_and_hash(folder: Path, out: Path) -> str:
    """Copies every wheel of a folder into one file.

    Returns:
        The SHA-256 of what was written, in hexadecimal digits.
    """
    digest = hashlib.sha256()
    with out.open("wb") as target:
        for wheel in sorted(folder.glob("*.whl")):
            with wheel.open("rb") as source:
                while chunk := source.read(1 << 20):
                    digest.update(chunk)
                    target.write(chunk)
    return digest.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(copy_and_hash(Path(sys.argv[1]), Path(sys.argv[2])) + "\n")
