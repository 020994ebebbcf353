"""`uv.lock`: read by uv itself, which exports it as a `pylock.toml` without asking anybody."""

from __future__ import annotations

import logging
import os
import tomllib
from pathlib import Path

from ..errors import UserError
from ..target import Target
from .document import Document, script_of
from .pylock import Locked, read_pylock
from .terms import Terms
from .uvtool import UvError, run_uv

_LOG = logging.getLogger(__name__)
# The group that uv adds by default and nobody wants in a layer.
_DEV = "dev"


def read_uv_lock(document: Document, target: Target, terms: Terms) -> Locked:
    """Reads what a uv.lock installs on a target.

    uv chooses as `uv sync --frozen` does, except that the group `dev` has to be asked for. The project itself
    is left out, and so are its workspace's other packages: a warning names those.

    Args:
        document: the lock, and what stands beside it.
        target: whose markers are read.
        terms: extras, groups, and whether hashes are compulsory.

    Raises:
        UserError: uv cannot read it, or it installs what is no wheel.
        FailureError: uv is not there.
    """
    lock = document.file
    members = _members(document)
    try:
        text = run_uv(_arguments(lock, terms), _environment(), folder=lock.absolute().parent)
    except UvError as error:
        raise UserError(f"uv cannot read {lock}: {error}") from error
    plain = Terms(require_hashes=terms.require_hashes)
    lines = _lines(document.content.decode())
    locked = read_pylock(text, lock, target, plain, members=members, lines=lines)
    if locked.left_out:
        names = ", ".join(locked.left_out)
        _LOG.warning("%s: left out, but with what they need: the workspace's own %s", lock, names)
    return locked


def _members(document: Document) -> frozenset[str]:
    try:
        content = tomllib.loads(document.content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{document.file} is no TOML: {error}") from error
    manifest = content.get("manifest", {})
    return frozenset(manifest.get("members", ())) if isinstance(manifest, dict) else frozenset()


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
    _check_root(lock)
    arguments += ["--no-emit-project", "--preview-features", "frozen-lockfile"]
    arguments += [] if _DEV in terms.groups else ["--no-dev"]
    arguments += [word for extra in terms.extras for word in ("--extra", extra)]
    return arguments + [word for group in terms.groups for word in ("--group", group)]


def _check_root(lock: Path) -> None:
    """Makes sure that the lock is the one that uv reads in its folder."""
    folder = lock.absolute().parent.resolve()
    try:
        root = Path(run_uv(["workspace", "dir"], _environment(), folder=folder).strip())
    except UvError:
        return  # No project at all: uv reads a lock alone. What else is wrong, exporting tells.
    if root.resolve() != folder:
        raise UserError(
            f"{lock} is not the lock of its project: uv reads {root / 'uv.lock'}; build from that"
        )


def _environment() -> dict[str, str]:
    """No setting of the caller's own uv may change what a lock says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    cache = os.environ.get("UV_CACHE_DIR")
    return {**kept, **({"UV_CACHE_DIR": cache} if cache else {}), "UV_PYTHON_DOWNLOADS": "never"}
