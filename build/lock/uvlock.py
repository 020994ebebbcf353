"""`uv.lock`: read by uv itself, which exports it as a `pylock.toml` without asking anybody."""

from __future__ import annotations

import logging
import os
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import FailureError, UserError
from ..target import Target
from .document import Document, script_of
from .pylock import Locked, read_pylock
from .standin import write_project
from .terms import Terms
from .uvtool import UvError, run_uv

_LOG = logging.getLogger(__name__)
# The group that uv adds by default and nobody wants in a layer.
_DEV = "dev"


def read_uv_lock(document: Document, target: Target, terms: Terms) -> Locked:
    """Reads what a uv.lock installs on a target.

    uv chooses as `uv sync --frozen` does, except that the group `dev` has to be asked for. The project itself
    is left out, and so are its workspace's other packages: a warning names those. Where a lock lies without
    its project, what else stands in that is not known: which groups are default ones.

    Args:
        document: the lock, and what stands beside it.
        target: whose markers are read.
        terms: extras, groups, and whether hashes are compulsory.

    Raises:
        UserError: uv cannot read it, or it installs what is no wheel.
        FailureError: uv is not there.
    """
    lock = document.file
    content = _content(document)
    manifest = content.get("manifest", {})
    members = frozenset(manifest.get("members", ())) if isinstance(manifest, dict) else frozenset()
    try:
        text = _exported(document, content, _arguments(lock, terms))
    except UvError as error:
        raise UserError(f"uv cannot read {lock}: {error}") from error
    plain = Terms(require_hashes=terms.require_hashes)
    lines = _lines(document.content.decode())
    locked = read_pylock(text, lock, target, plain, members=members, lines=lines)
    if locked.left_out:
        names = ", ".join(locked.left_out)
        _LOG.warning("%s: left out, but with what they need: the workspace's own %s", lock, names)
    return locked


def _content(document: Document) -> dict[str, Any]:
    try:
        return tomllib.loads(document.content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{document.file} is no TOML: {error}") from error


def _exported(document: Document, content: Mapping[str, Any], arguments: Sequence[str]) -> str:
    """What uv exports where the lock lies, or from a project in its place where there is none beside it."""
    is_script = script_of(document.file) is not None
    if is_script or document.beside.get("pyproject.toml") is not None:
        if not is_script:
            _check_root(document.file)
        return run_uv(arguments, _environment(), folder=document.file.absolute().parent)
    with tempfile.TemporaryDirectory(prefix="lamina-") as name:
        folder = Path(name).resolve()
        try:
            write_project(folder, document.content, content)
        except OSError as error:
            raise FailureError(f"cannot write {folder}: {error.strerror or error}") from error
        return run_uv(arguments, _environment(), folder=folder)


def _lines(text: str) -> dict[str, int]:
    """Where each package begins in the lock; of several versions, the first."""
    found: dict[str, int] = {}
    head = 0
    for number, line in enumerate(text.splitlines(), 1):
        if line == "[[package]]":
            head = number
        elif head and line.startswith('name = "'):
            found.setdefault(line.split('"')[1], head)
            head = 0
    return found


def _arguments(lock: Path, terms: Terms) -> list[str]:
    arguments = ["export", "--format", "pylock.toml", "--frozen", "--offline", "--no-header", "--quiet"]
    script = script_of(lock)
    if script is not None:
        if not script.is_file():
            raise UserError(f"{lock} is the lock of {script.name}, which is not beside it; uv needs both")
        if terms.extras or terms.groups:
            raise UserError(f"{lock} is the lock of a script, which has no extras and no groups")
        return [*arguments, "--script", script.name]
    arguments += ["--no-emit-project"]
    arguments += [] if _DEV in terms.groups else ["--no-dev"]
    arguments += [word for extra in terms.extras for word in ("--extra", extra)]
    return arguments + [word for group in terms.groups for word in ("--group", group)]


def _check_root(lock: Path) -> None:
    """Makes sure that the lock is the one that uv reads in its folder."""
    folder = lock.absolute().parent.resolve()
    try:
        root = Path(run_uv(["workspace", "dir"], _environment(), folder=folder).strip())
    except UvError:
        return  # What is wrong, exporting tells.
    if root.resolve() != folder:
        raise UserError(
            f"{lock} is not the lock of its project: uv reads {root / 'uv.lock'}; build from that"
        )


def _environment() -> dict[str, str]:
    """No setting of the caller's own uv may change what a lock says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    cache = os.environ.get("UV_CACHE_DIR")
    return {**kept, **({"UV_CACHE_DIR": cache} if cache else {}), "UV_PYTHON_DOWNLOADS": "never"}
