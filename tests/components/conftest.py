"""A small project to deploy: three handlers, and a lock of two wheels that lie in a folder."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from pathlib import Path

import pytest

PLATFORMS = {"x86_64": "manylinux_2_17_x86_64", "arm64": "manylinux_2_17_aarch64"}


def wheel(folder: Path, name: str, version: str, tag: str, body: str) -> str:
    """Writes a real wheel with one module.

    Returns:
        The lock's `--hash` option for it.
    """
    info = f"{name}-{version}.dist-info"
    members = {
        f"{name}.py": body,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: false\nTag: {tag}\n",
    }
    lines = [f"{path},sha256={_urlsafe(text)},{len(text)}" for path, text in members.items()]
    members[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""])
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path, text in members.items():
            target.writestr(zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0)), text)
    (folder / f"{name}-{version}-{tag}.whl").write_bytes(archive.getvalue())
    return f"--hash=sha256:{hashlib.sha256(archive.getvalue()).hexdigest()}"


def _urlsafe(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def make_project(folder: Path, *, plain_version: str = "1.0") -> Path:
    """Writes the project: `plain` is pure Python, `native` has a wheel for each Python and architecture."""
    wheels, app = folder / "wheels", folder / "app"
    wheels.mkdir(parents=True)
    app.mkdir()
    plain = wheel(wheels, "plain", plain_version, "py3-none-any", f"VERSION = {plain_version!r}\n")
    native = [
        wheel(
            wheels, "native", "2.0", f"cp{python}-cp{python}-{platform}", f"BUILT_FOR = {python}, {arch!r}\n"
        )
        for python in (310, 311, 312, 313)
        for arch, platform in PLATFORMS.items()
    ]
    lock = [f"plain=={plain_version} {plain}", f"native==2.0 {' '.join(native)}", ""]
    (app / "requirements.txt").write_text("\n".join(lock))
    (app / "__init__.py").write_text("")
    for name in ("api", "worker", "cleanup"):
        (app / f"{name}.py").write_text(f"def handler(event, context):\n    return {name!r}\n")
    return folder


def enter_project(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Makes a project in a folder, and works in it until the patch is undone."""
    project = make_project(folder / "project")
    patch.setenv("LAMINA_CACHE", str(folder / "cache"))
    patch.setenv("UV_FIND_LINKS", str(project / "wheels"))
    patch.setenv("UV_NO_INDEX", "1")
    patch.delenv("PULUMI_CONFIG", raising=False)
    patch.chdir(project)
    return project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's folder, which is the working folder; its wheels are the only index."""
    return enter_project(tmp_path, monkeypatch)
