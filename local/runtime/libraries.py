"""The libraries that Lambda's Python runtimes come with, as a folder that holds nothing else."""

from __future__ import annotations

import csv
import importlib.metadata
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from .errors import UnsupportedDeploymentError

# AWS docs, "Building Lambda functions with Python", "Runtime-included SDK versions": the SDK and what it
# needs; and the runtime interface client with what it needs.
DISTRIBUTIONS = (
    "awslambdaric",
    "boto3",
    "botocore",
    "jmespath",
    "python-dateutil",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot-restore-py",
    "urllib3",
)


def provide(folder: Path, distributions: Iterable[str] = DISTRIBUTIONS) -> Path:
    """Fills a folder with links to the top-level modules and metadata of the runtime's libraries.

    Args:
        folder: created; one that exists is taken as complete.
        distributions: the names of installed distributions.

    Returns:
        The folder, to be put on `sys.path`.

    Raises:
        UnsupportedDeploymentError: one of the distributions is not installed here.
    """
    if folder.is_dir():
        return folder
    links = {name: target for distribution in distributions for name, target in _modules(distribution)}
    incoming = folder.with_name(f".incoming-{folder.name}")
    incoming.mkdir(parents=True, exist_ok=True)
    for name, target in links.items():
        (incoming / name).symlink_to(target)
    incoming.rename(folder)
    return folder


def _modules(name: str) -> Iterator[tuple[str, Path]]:
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        raise UnsupportedDeploymentError(
            f"the local Lambda runtime needs {name}, which is not installed: run scripts/venv.sh"
        ) from None
    record = distribution.read_text("RECORD") or ""
    tops = {PurePosixPath(row[0]).parts[0] for row in csv.reader(record.splitlines()) if row}
    for top in sorted(tops - {"..", "__pycache__"}):
        yield top, Path(str(distribution.locate_file(top)))
