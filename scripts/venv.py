"""Makes .venv from the pinned requirements, and anew when the pins or the Python change; else does nothing.

It has the standard library only: it runs before there is anything else.
"""

# ruff: noqa: INP001 - run by path, and imported by nobody

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PINS = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt")


class VenvError(Exception):
    """.venv cannot be made; the message says why."""


def main(root: Path) -> int:
    """Makes `.venv` in the project's folder, unless it is as the pins want it.

    Args:
        root: the project's folder.

    Returns:
        0, or 1 with one line on stderr, or 130 when it was interrupted.
    """
    try:
        if not is_made(root):
            with _alone(root):
                if not is_made(root):
                    _make(root)
    except VenvError as error:
        sys.stderr.write(f"error: .venv cannot be made: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(
            f"error: .venv cannot be made: {error.filename or root}: {error.strerror or error}\n"
        )
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted; the next make begins .venv anew\n")
        return 130
    return 0


def is_made(root: Path) -> bool:
    """Whether `.venv` was made to its end, with this Python, from the pins as they are now."""
    venv = root / ".venv"
    try:
        known = (venv / ".pins").read_text("utf-8")
    except OSError:
        return False
    return known == wanted(root) and os.access(venv / "bin/python", os.X_OK)


def wanted(root: Path) -> str:
    """What `.venv/.pins` says once `.venv` is complete: a digest over the Python and the pins."""
    digest = hashlib.sha256(f"{sys.version} {sys.base_prefix}\n".encode())
    for name in PINS:
        digest.update((root / name).read_bytes())
    return digest.hexdigest() + "\n"


def _make(root: Path) -> None:
    venv = root / ".venv"
    base = _base_python(venv)
    sys.stderr.write(f"making .venv from the pins (Python {sys.version.split()[0]})\n")
    if venv.is_symlink():
        venv.unlink()
    elif venv.exists():
        shutil.rmtree(venv)
    _run("venv", base, "-m", "venv", str(venv))
    python, uv = str(venv / "bin/python"), str(venv / "bin/uv")
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1")
    _run("pip", *pip, "--require-hashes", "--no-deps", "-r", str(root / "requirements-uv.txt"))
    locks = [str(root / name) for name in PINS if name != "requirements-uv.txt"]
    _run("uv", uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, *locks)
    # The last step: a .venv without it is half-made.
    (venv / ".pins").write_text(wanted(root), "utf-8")


def _base_python(venv: Path) -> str:
    # This may run on the very .venv that it is to replace, and that may be half-removed: without its
    # pyvenv.cfg it takes itself for the base.
    base = str(getattr(sys, "_base_executable", sys.executable))
    if Path(base).is_relative_to(venv):
        base = os.path.realpath(base)
    probe = subprocess.run([base, "-I", "-c", "import venv, ensurepip"], capture_output=True, check=False)
    if probe.returncode != 0:
        raise VenvError(
            f"{base} has no venv and ensurepip; install them (Debian and Ubuntu: apt install python3-venv), "
            "or name another Python: make up PYTHON=/path/to/python3.12"
        )
    return base


def _run(tool: str, *command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        hint = "" if tool == "venv" else " (is the package index reachable?)"
        raise VenvError(f"{tool} failed: {_reason(done.stdout + done.stderr)}{hint}")


def _reason(said: str) -> str:
    """The errors among what a tool said, in one line; all that it said where it names none."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    starts = [number for number, line in enumerate(lines) if line.lower().startswith("error:")]
    told = lines[starts[0] :] if starts else lines
    return " ".join(told) or "it said nothing"


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Lets one process at a time make .venv; the kernel drops the lock when its holder ends."""
    folder = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("waiting for another make that makes .venv\n")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
