"""Files that Python's `site` reads at its start in a site folder, and in a layer nobody does."""

from __future__ import annotations

from collections.abc import Iterator

from .findings import NOTE, WARNING, Finding
from .subject import Subject

# What begins a line that is run (the documentation of `site`).
_RUN = ("import ", "import\t")
# What setuptools writes for a namespace package without `__init__.py`, which needs none (PEP 420).
_NAMESPACE = "-nspkg.pth"


def check_pth(subject: Subject) -> Iterator[Finding]:
    """Finds `.pth` files whose effect is missing: Lambda puts a layer on the path by `sys.path` alone."""
    for path, lines in sorted(subject.pth.items()):
        folder, _, name = path.rpartition("/")
        if folder + "/" not in subject.sites or name.endswith(_NAMESPACE):
            continue
        package = subject.owners.get(path, "")
        said = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        folders = [line for line in said if not line.startswith(_RUN)]
        if folders:
            what = f"Lambda reads no .pth file, so {folders[0]} is not on the path of modules"
            yield Finding(WARNING, package, path, what, "add it to the function's PYTHONPATH, or install it")
        elif said:
            what = "Lambda reads no .pth file: what this one does when Python starts is not done"
            yield Finding(NOTE, package, path, what, "")
