"""Terraform's data source: the program of a query that was answered before, as a whole process."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from .comparison import Comparison, Way
from .ways import MOST_TIMES_NOTHING, PROJECT, PYTHON

# Names terraform-aws-lambda's package.py, which is in no package index.
PEER = "LAMINA_PACKAGE_PY"


def external(lock: Path, home: Path) -> Comparison:
    """`python -m build external` on an unchanged lock, against an interpreter that does nothing.

    terraform-aws-lambda's `package.py prepare` joins in where `LAMINA_PACKAGE_PY` names it, else not.

    Args:
        lock: the requirements file.
        home: a folder in which both leave what they leave.
    """
    place = home / "external"
    place.mkdir(exist_ok=True)
    query = {"lock": str(lock), "python": PYTHON, "name": "deps", "output": str(place / "out")}
    ways = [
        Way("python -c pass", lambda _: [[sys.executable, "-c", "pass"]]),
        Way(
            "lamina external",
            lambda _: [[sys.executable, "-m", "build", "external"]],
            cwd=PROJECT,
            most=MOST_TIMES_NOTHING,
            stdin=json.dumps(query).encode(),
        ),
    ]
    peer = os.environ.get(PEER)
    if peer and Path(peer).is_file():
        ways.append(_prepare(Path(peer).resolve(), lock, place))
    else:
        sys.stderr.write(f"external: without terraform-aws-lambda, whose package.py {PEER} does not name\n")
    return Comparison("external", f"Terraform's query for the layer of {lock.name}, answered before", ways)


def _prepare(program: Path, lock: Path, place: Path) -> Way:
    """Their `prepare`, which hashes the sources and plans; it installs nothing."""
    query = {
        "paths": json.dumps({"module": str(program.parent), "root": str(place), "cwd": str(place)}),
        "artifacts_dir": "builds",
        "runtime": f"python{PYTHON}",
        "source_path": json.dumps([{"pip_requirements": str(lock), "prefix_in_zip": "python"}]),
        "hash_extra": "",
        "hash_internal": json.dumps([]),
        "recreate_missing_package": "true",
        "quiet": "true",
    }
    return Way(
        "terraform-aws-lambda, package.py prepare",
        lambda _: [[sys.executable, str(program), "prepare"]],
        cwd=place,
        stdin=json.dumps(query).encode(),
    )
