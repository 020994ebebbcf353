"""Interpreters of this machine: a Python of the version that a layer is for."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from .cache import Cache
from .errors import UserError
from .evidence import saw_folder, saw_status, saw_variable

_KIND = "interpreters"
_SECONDS = 20
# Isolated, and without site-packages: what it says must not depend on an environment.
_ASK = (
    "import importlib.util as u, json, sys; print(json.dumps(dict(name=sys.implementation.name, "
    "version=sys.version_info[:4], magic=int.from_bytes(u.MAGIC_NUMBER[:2], 'little'), "
    "tag=sys.implementation.cache_tag, flags=sys.abiflags)))"
)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A CPython of this machine.

    Attributes:
        path: its executable.
        version: in full, such as `3.12.7`.
        magic: the number that its bytecode begins with (PEP 3147, importlib.util.MAGIC_NUMBER).
        tag: what its bytecode files are named by, such as `cpython-312`.
    """

    path: Path
    version: str
    magic: int
    tag: str

    def as_json(self) -> dict[str, Any]:
        """What makes a difference to bytecode; where it lies makes none."""
        return {"magic": self.magic, "python": self.version}

    @classmethod
    def running(cls) -> Self | None:
        """The one that runs this, or None where it is none whose bytecode Lambda reads."""
        from _frozen_importlib_external import MAGIC_NUMBER  # noqa: PLC0415 (importlib.util costs more)

        said = {
            "name": sys.implementation.name,
            "version": sys.version_info[:4],
            "magic": int.from_bytes(MAGIC_NUMBER[:2], "little"),
            "tag": sys.implementation.cache_tag,
            "flags": sys.abiflags,
        }
        return cls.of(Path(sys.executable), said) if sys.executable else None

    @classmethod
    def of(cls, path: Path, said: Mapping[str, Any]) -> Self | None:
        """The one that said this of itself, or None as above."""
        # A pre-release has other bytecode than the release, and so may a free-threaded build (`t`).
        if said["name"] != "cpython" or said["version"][3] != "final" or "t" in said["flags"]:
            return None
        return cls(path, ".".join(str(each) for each in said["version"][:3]), said["magic"], said["tag"])


def variable(python: str) -> str:
    """The name of the environment variable that names the interpreter of a version.

    Args:
        python: `major.minor`.
    """
    return f"LAMINA_PYTHON_{python.replace('.', '_')}"


def find_interpreter(
    python: str, cache: Cache | None = None, environ: Mapping[str, str] = os.environ
) -> Interpreter | None:
    """Finds a CPython of a version; the first of these that fits.

    The one that `LAMINA_PYTHON_3_12` (or the like) names; the one that runs this; `pythonX.Y` on the PATH;
    the newest that uv or pyenv installed; what `uv python find` finds.

    Args:
        python: `major.minor`, such as `3.12`.
        cache: where it is kept what executables are, so that they need not be started again.
        environ: the environment.

    Raises:
        UserError: the variable names something else than such an interpreter.
    """
    saw_variable(variable(python))
    named = environ.get(variable(python))
    if named:
        return _named(named, python, cache)
    running = Interpreter.running()
    if running and _fits(running, python):
        return running
    for find in (_on_path, _installed):
        for path in find(python, environ):
            found = _asked(path, cache)
            if found and _fits(found, python):
                return found
    return _by_uv(python)


def needed_interpreter(python: str, cache: Cache | None = None) -> Interpreter:
    """As `find_interpreter`, for what cannot be done without one.

    Raises:
        UserError: there is none; the message says how to get one.
    """
    found = find_interpreter(python, cache)
    if found is None:
        raise UserError(
            f"no CPython {python} is on this machine, and bytecode can only be made by that version: get it "
            f"with `uv python install {python}`, or name one in {variable(python)}"
        )
    return found


def _named(path: str, python: str, cache: Cache | None) -> Interpreter:
    found = _asked(Path(path), cache)
    if found is None or not _fits(found, python):
        is_it = f"is {found.version}" if found else "cannot be run as a released CPython"
        raise UserError(f"{variable(python)} names {path}, which {is_it}; name a Python {python}")
    return found


def _fits(found: Interpreter, python: str) -> bool:
    return found.version.rpartition(".")[0] == python


def _on_path(python: str, environ: Mapping[str, str]) -> Iterator[Path]:
    saw_variable("PATH")
    for folder in environ.get("PATH", "").split(os.pathsep):
        path = Path(folder or ".", f"python{python}")
        saw_status(path)
        # A script is a version manager's (pyenv, asdf), which finds other Pythons in other folders.
        if _is_executable(path) and not _is_script(path):
            yield path


def _installed(python: str, environ: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environ.get("HOME") or "/")
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
    for root, pattern in (
        (Path(environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv/python"), f"cpython-{python}.*-*"),
        (Path(environ.get("PYENV_ROOT") or home / ".pyenv", "versions"), f"{python}.*"),
    ):
        saw_folder(root)
        found = [each for each in root.glob(pattern) if _is_executable(each / f"bin/python{python}")]
        yield from (each / f"bin/python{python}" for each in sorted(found, key=_patch, reverse=True))


def _patch(folder: Path) -> tuple[list[int], str]:
    """Sorts `cpython-3.12.10-linux` after `cpython-3.12.9-linux`."""
    version = folder.name.removeprefix("cpython-").partition("-")[0]
    return [int(each) for each in version.split(".") if each.isdecimal()], folder.name


def _is_executable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _is_script(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(2) == b"#!"
    except OSError:
        return True


def _asked(path: Path, cache: Cache | None) -> Interpreter | None:
    """What an executable says it is; kept for as long as the file stays the same."""
    saw_status(path)
    try:
        status = path.stat()
    except OSError:
        return None
    if cache is None:
        answer = _answer(path)
        return Interpreter.of(path, answer) if answer else None
    import hashlib  # noqa: PLC0415 (for this alone)

    seen = [str(path.absolute()), status.st_ino, status.st_size, status.st_mtime_ns, _ASK]
    key = hashlib.sha256(json.dumps(seen).encode()).hexdigest()
    kept = cache.read_json(_KIND, key)
    if kept is None:
        kept = _answer(path)
        if kept is None:
            return None
        cache.write_json(_KIND, key, kept)
    return Interpreter.of(path, kept)


def _answer(path: Path) -> dict[str, Any] | None:
    """What an executable answers, or None where it is no Python."""
    try:
        answer = json.loads(_output([str(path), "-I", "-S", "-c", _ASK]))
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _by_uv(python: str) -> Interpreter | None:
    import uv  # noqa: PLC0415 (only where nothing else was found)

    try:
        find = [uv.find_uv_bin(), "python", "find", "--no-project", "--no-python-downloads", python]
    except FileNotFoundError:
        return None
    # What is on the PATH comes second: one broken script there ends the search.
    for choice in (["--managed-python"], []):
        answer = _output([*find, *choice]).strip()
        found = _asked(Path(answer), None) if answer else None
        if found and _fits(found, python):
            return found
    return None


def _output(command: list[str]) -> str:
    import subprocess  # noqa: PLC0415 (a warm build starts nothing)

    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
