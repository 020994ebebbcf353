"""What the small world's stack is made of: a lock of one tiny package, and a service of three handlers.

The service keeps the real `app/smoke.py` and `app/identity.py`: the smoke event is answered as ever.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.build.wheelhouse import make_wheel

from .processes import ROOT

FUNCTIONS = ("api", "worker", "cleanup")
PACKAGE = "tiny"
# What the smoke test imports, and a broken layer lacks.
MODULE = f"{PACKAGE}.core"
_HANDLER = '''"""The {name} handler."""

import importlib

from .code import REVISION
from .smoke import answers_smoke


def check():
    importlib.import_module("tiny.core")


@answers_smoke(check)
def handler(event, context):
    import tiny

    return {{"function": "{name}", "layer": tiny.CONTENT, "code": REVISION}}
'''


def write_wheel(folder: Path, content: str, *, broken: bool = False) -> str:
    """Makes the wheel of the tiny package with some content; gives the lock's line for it.

    Args:
        folder: that the wheels lie in.
        content: letters and digits; other content is another version.
        broken: leave out the module that the smoke test imports.
    """
    # A local version says both what is in it and that it is broken, so no two wheels share a name.
    version = f"1.0+{content}{'.broken' if broken else ''}"
    files = {f"{PACKAGE}/__init__.py": f"CONTENT = {content!r}\n".encode()}
    if not broken:
        files[f"{PACKAGE}/core.py"] = b"value = 1\n"
    if not (folder / f"{PACKAGE}-{version}-py3-none-any.whl").exists():
        make_wheel(folder, PACKAGE, version, files)
    return f"{PACKAGE}=={version}\n"


def write_service(folder: Path, content: str) -> None:
    """Writes the service's package, with some content, where `app/` is."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").write_text('"""A tiny service."""\n')
    (folder / "code.py").write_text(f"REVISION = {content!r}\n")
    for part in ("smoke.py", "identity.py"):
        shutil.copy(ROOT / "app" / part, folder / part)
    for name in FUNCTIONS:
        (folder / f"{name}.py").write_text(_HANDLER.format(name=name))
