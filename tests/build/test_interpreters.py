"""Interpreters of this machine: which one is found, in which order, and what is said where there is none."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path

import pytest

from build.cache import Cache
from build.errors import UserError
from build.evidence import record
from build.interpreters import Interpreter, find_interpreter, needed_interpreter, variable
from build.target import Target
from build.tree.options import LayerOptions, settled

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
# No Python has this version.
NONE = "3.99"


@pytest.fixture
def another_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the Python that runs this were of a version that nobody asks for."""
    monkeypatch.setattr(Interpreter, "running", classmethod(lambda _: None))


def there(path: Path) -> Path:
    """A real Python of our version, at a path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(Path(sys.executable).resolve())
    return path


def posing(
    path: Path, version: str = NONE, *, name: str = "cpython", level: str = "final", flags: str = ""
) -> Path:
    """A script that answers as some Python would."""
    major, minor = version.split(".")
    version_info = [int(major), int(minor), 7, level]
    said = json.dumps({"name": name, "version": version_info, "magic": 4711, "tag": "t", "flags": flags})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho asked >> {path}.log\necho '{said}'\n")
    path.chmod(0o755)
    return path


def surroundings(tmp_path: Path, *folders: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home"), "PATH": os.pathsep.join(map(str, folders)), **more}


def test_the_one_that_runs_this_comes_first_and_is_not_started(tmp_path: Path) -> None:
    found = find_interpreter(OWN, environ=surroundings(tmp_path))
    assert found == Interpreter.running()
    assert found
    assert found.path == Path(sys.executable)
    assert found.version == ".".join(map(str, sys.version_info[:3]))
    assert found.magic == int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little")
    assert found.tag == sys.implementation.cache_tag


def test_what_an_executable_says_is_what_the_running_one_knows(tmp_path: Path, another_runs: None) -> None:
    path = there(tmp_path / "bin" / f"python{OWN}")
    found = find_interpreter(OWN, environ=surroundings(tmp_path, tmp_path / "bin"))
    assert found
    assert found.path == path
    assert found.as_json() == {
        "python": ".".join(map(str, sys.version_info[:3])),
        "magic": int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little"),
    }


def test_the_variable_goes_before_all_others(tmp_path: Path) -> None:
    path = there(tmp_path / "mine")
    found = find_interpreter(OWN, environ=surroundings(tmp_path, **{variable(OWN): str(path)}))
    assert found
    assert found.path == path


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        (lambda folder: folder / "nowhere", "which cannot be run as a released CPython"),
        (lambda folder: posing(folder / "x", "3.98"), r"which is 3\.98\.7"),
        (lambda folder: posing(folder / "x", name="pypy"), "which cannot be run as a released CPython"),
        (lambda folder: posing(folder / "x", level="beta"), "which cannot be run as a released CPython"),
        (lambda folder: posing(folder / "x", flags="t"), "which cannot be run as a released CPython"),
    ],
    ids=["nowhere", "another version", "PyPy", "beta", "free-threaded"],
)
def test_a_variable_that_names_another_is_an_error(tmp_path: Path, named: object, reason: str) -> None:
    path = named(tmp_path)  # type: ignore[operator]
    with pytest.raises(UserError, match=rf"^LAMINA_PYTHON_3_99 names \S+, {reason}; name a Python 3\.99$"):
        find_interpreter(NONE, environ=surroundings(tmp_path, LAMINA_PYTHON_3_99=str(path)))


def test_the_path_comes_before_what_uv_installed_and_that_before_pyenv(
    tmp_path: Path, another_runs: None
) -> None:
    home = tmp_path / "home"
    pyenv = there(home / f".pyenv/versions/{OWN}.9/bin/python{OWN}")
    assert path_of(tmp_path) == pyenv
    uv = there(home / f".local/share/uv/python/cpython-{OWN}.2-linux-x86_64-gnu/bin/python{OWN}")
    assert path_of(tmp_path) == uv
    first = there(tmp_path / "one" / f"python{OWN}")
    there(tmp_path / "two" / f"python{OWN}")
    assert path_of(tmp_path, tmp_path / "none", tmp_path / "one", tmp_path / "two") == first


def path_of(tmp_path: Path, *folders: Path, **more: str) -> Path | None:
    found = find_interpreter(OWN, environ=surroundings(tmp_path, *folders, **more))
    return found.path if found else None


def test_the_newest_patch_release_counts(tmp_path: Path, another_runs: None) -> None:
    for patch in (9, 10, 2):
        there(tmp_path / f"all/cpython-{OWN}.{patch}-linux/bin/python{OWN}")
    found = path_of(tmp_path, UV_PYTHON_INSTALL_DIR=str(tmp_path / "all"))
    assert found == tmp_path / f"all/cpython-{OWN}.10-linux/bin/python{OWN}"


def test_a_version_managers_script_and_a_stranger_on_the_path_are_passed_over(
    tmp_path: Path, another_runs: None
) -> None:
    posing(tmp_path / "shims" / f"python{OWN}", "3.98")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / f"python{OWN}").write_bytes(b"\x7fELF")
    (tmp_path / "broken" / f"python{OWN}").chmod(0o755)
    right = there(tmp_path / "right" / f"python{OWN}")
    assert path_of(tmp_path, tmp_path / "shims", tmp_path / "broken", tmp_path / "right") == right


def test_an_executable_is_asked_once_for_as_long_as_it_is_the_same(cache: Cache, tmp_path: Path) -> None:
    path = posing(tmp_path / "mine")
    environ = surroundings(tmp_path, LAMINA_PYTHON_3_99=str(path))
    for _ in range(3):
        found = find_interpreter(NONE, cache, environ)
        assert found
        assert (found.version, found.magic, found.path) == ("3.99.7", 4711, path)
    assert Path(f"{path}.log").read_text() == "asked\n"
    posing(path, "3.98")
    with pytest.raises(UserError, match=r"is 3\.98\.7"):
        find_interpreter(NONE, cache, environ)


def test_what_was_looked_at_is_evidence_for_an_unchanged_build(tmp_path: Path, another_runs: None) -> None:
    path = there(tmp_path / "bin" / f"python{OWN}")
    evidence = record()
    path_of(tmp_path, tmp_path / "early", tmp_path / "bin")
    assert evidence.still_true()
    (tmp_path / "early").mkdir()
    there(tmp_path / "early" / path.name)
    assert not evidence.still_true()


def test_none_is_an_error_that_says_how_to_get_one(tmp_path: Path) -> None:
    assert find_interpreter(NONE, environ=surroundings(tmp_path)) is None
    reason = (
        r"no CPython 3\.99 is on this machine.*`uv python install 3\.99`, or name one in LAMINA_PYTHON_3_99"
    )
    with pytest.raises(UserError, match=reason):
        needed_interpreter(NONE)


def test_options_without_bytecode_need_no_interpreter(cache: Cache) -> None:
    plain = LayerOptions(slim=True)
    assert settled(plain, Target("3.14", "arm64"), cache) is plain


def test_options_with_bytecode_name_its_full_version_in_the_digest(cache: Cache) -> None:
    options = settled(LayerOptions(bytecode=True), Target(OWN, "arm64"), cache)
    running = Interpreter.running()
    assert running
    assert options.as_json() == {"bytecode": {"magic": running.magic, "python": running.version}}
    assert settled(options, Target(OWN, "arm64"), cache) is options
