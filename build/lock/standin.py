"""A project in place of the one that a uv.lock was made for, where the lock came without it.

uv reads a lock together with its project, and alone only what its newest versions wrote. With `--frozen` it
wants of the project hardly more than the names and folders of the workspace's packages, which stand in the
lock, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

_ROOT = "."
# How a lock says that a package is a folder ("Locking and syncing", `uv.lock`).
_FOLDERS = ("virtual", "editable", "directory")


def write_project(folder: Path, lock: bytes, content: Mapping[str, Any]) -> None:
    """Writes a lock and what uv needs beside it.

    Args:
        folder: an empty one.
        lock: what is put there.
        content: the lock, as TOML has it.

    Raises:
        OSError: the folder cannot be written.
    """
    (folder / "uv.lock").write_bytes(lock)
    own = _own(content)
    for place, package in own.items():
        if place != _ROOT:
            _write(folder / place, _project(package))
    others = [place for place in own if place != _ROOT]
    workspace = f"[tool.uv.workspace]\nmembers = {json.dumps(others)}\n" if others or not own else ""
    _write(folder, (_project(own[_ROOT]) if _ROOT in own else "") + workspace)


def _own(content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The workspace's packages by their folders; the root's is `.`."""
    manifest = content.get("manifest", {})
    members = manifest.get("members", ()) if isinstance(manifest, dict) else ()
    found = {}
    packages = content.get("package", ())
    for package in packages if isinstance(packages, list) else ():
        source = package.get("source", {}) if isinstance(package, dict) else {}
        place = next((source[kind] for kind in _FOLDERS if isinstance(source, dict) and kind in source), None)
        if isinstance(place, str) and (place == _ROOT or (package.get("name") in members and _below(place))):
            found[place] = package
    return found


def _below(place: str) -> bool:
    path = PurePosixPath(place)
    return not path.is_absolute() and ".." not in path.parts


def _project(package: Mapping[str, Any]) -> str:
    # A string of JSON is one of TOML.
    name, version = (json.dumps(str(package.get(key, "0"))) for key in ("name", "version"))
    return f"[project]\nname = {name}\nversion = {version}\n"


def _write(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
