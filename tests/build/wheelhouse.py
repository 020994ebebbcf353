"""Tiny real wheels, made for a test."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

# How a test damages a wheel: it is given the members (path to content) and their infos' attributes to change.
Damage = Callable[[dict[str, bytes]], None]


def record_hash(content: bytes) -> str:
    """A file's hash as RECORD has it."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def make_wheel(
    folder: Path,
    name: str = "demo",
    version: str = "1.0",
    files: Mapping[str, bytes] | None = None,
    *,
    tag: str = "py3-none-any",
    executable: Sequence[str] = (),
    requires: Sequence[str] = (),
    requires_python: str | None = None,
    level: int = 6,
    unrecorded: Mapping[str, bytes] | None = None,
    record: str | None = None,
    date: tuple[int, int, int, int, int, int] = (2024, 2, 3, 4, 5, 6),
) -> Path:
    """Writes a wheel and gives its path.

    Args:
        folder: where.
        name: the distribution's name, as its file name spells it.
        version: its version.
        files: path to content; one module of its name unless given.
        tag: the wheel's tag.
        executable: which of the files are.
        requires: its `Requires-Dist` lines.
        requires_python: its `Requires-Python`.
        level: how hard zlib tries; 0 stores.
        unrecorded: files that RECORD does not list.
        record: RECORD's whole text, where it is to lie.
        date: of every member.
    """
    dist_info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {each}\n" for each in requires)
    metadata += f"Requires-Python: {requires_python}\n" if requires_python else ""
    members = dict({f"{name}.py": b"value = 1\n"} if files is None else files)
    members[f"{dist_info}/METADATA"] = metadata.encode()
    members[f"{dist_info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: tests\nTag: {tag}\n".encode()
    lines = [f"{_field(path)},{record_hash(content)},{len(content)}\n" for path, content in members.items()]
    members |= unrecorded or {}
    members[f"{dist_info}/RECORD"] = (
        "".join([*lines, f"{dist_info}/RECORD,,\n"]) if record is None else record
    ).encode()
    path = folder / f"{name}-{version}-{tag}.whl"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for member, content in members.items():
            info = zipfile.ZipInfo(member, date)
            info.external_attr = (0o100755 if member in executable else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED if level else zipfile.ZIP_STORED
            archive.writestr(info, content)
    return path


def _field(path: str) -> str:
    return f'"{path}"' if "," in path else path
