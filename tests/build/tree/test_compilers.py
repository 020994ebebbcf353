"""Compilers at work: whatever one does, the caller gets an answer, and no process stays behind."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from build.errors import FailureError
from build.interpreters import Interpreter
from build.tree.compiler_process import Outcome
from build.tree.compilers import Job, compile_all


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    before = set(children())
    yield
    assert set(children()) <= before
    assert not [each for each in threading.enumerate() if each.name.startswith("compile")]


def children() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    # What another test left behind and nobody has waited for is no compiler.
    return [each for each in found if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def jobs(
    count: int, done: Callable[[str, Outcome], None], read: Callable[[], bytes] = lambda: b"x = 1"
) -> list[Job]:
    def job(path: str) -> Job:
        return Job(read=read, path=path, done=lambda outcome: done(path, outcome))

    return [job(f"/opt/python/m{number}.py") for number in range(count)]


def posing(folder: Path, interpreter: Interpreter, script: str) -> Interpreter:
    """A program in the interpreter's place."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script.format(python=interpreter.path)}\n")
    path.chmod(0o755)
    return dataclasses.replace(interpreter, path=path)


@pytest.mark.parametrize("processes", [1, 3])
def test_each_source_is_answered_once(interpreter: Interpreter, processes: int) -> None:
    found: list[str] = []
    compile_all(jobs(50, lambda path, _: found.append(path)), interpreter, processes=processes)
    assert sorted(found) == sorted(f"/opt/python/m{number}.py" for number in range(50))


def test_nothing_to_do_starts_nothing() -> None:
    nowhere = Interpreter(Path("/nowhere/python"), "3.11.0", 1, "x")
    compile_all([], nowhere)


def test_an_interpreter_that_is_gone_is_told() -> None:
    nowhere = Interpreter(Path("/nowhere/python"), "3.11.0", 1, "x")
    with pytest.raises(FailureError, match="/nowhere/python cannot be started: No such file or directory"):
        compile_all(jobs(1, lambda *_: None), nowhere)


def test_an_interpreter_that_became_another_is_told(interpreter: Interpreter) -> None:
    old = dataclasses.replace(interpreter, version="3.11.99")
    with pytest.raises(FailureError, match=r"is no longer the Python 3\.11\.99 that it was; build again"):
        compile_all(jobs(1, lambda *_: None), old)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 0", "ended before it said which Python it is; run it to see why"),
        ("echo no Python", r"is no longer the Python 3\.\d+\.\d+ that it was; build again"),
        ("echo '{{}}'; cat", "is no longer the Python"),
    ],
    ids=["ends", "talks", "lies"],
)
def test_a_program_that_is_no_python_is_told(
    interpreter: Interpreter, tmp_path: Path, script: str, message: str
) -> None:
    with pytest.raises(FailureError, match=message):
        compile_all(jobs(1, lambda *_: None), posing(tmp_path, interpreter, script))


def test_a_compiler_that_dies_is_started_again(interpreter: Interpreter) -> None:
    found: dict[str, Outcome] = {}
    killed: list[psutil.Process] = []
    before = children()

    def read() -> bytes:
        if len(found) == 5 and not killed:
            killed.extend(each for each in children() if each not in before)
            killed[0].kill()
        return b"x = 1"

    compile_all(jobs(20, found.__setitem__, read), interpreter, processes=1)
    assert len(found) == 20
    assert len(killed) == 1
    assert not [outcome.reason for outcome in found.values() if outcome.reason]


def test_a_source_over_which_it_dies_twice_is_told(interpreter: Interpreter, tmp_path: Path) -> None:
    found: dict[str, Outcome] = {}
    # It says what it is, as the real one does, and ends with the first source.
    hello = '{python} "$@" </dev/null; head -c 8 >/dev/null'
    compile_all(jobs(2, found.__setitem__), posing(tmp_path, interpreter, hello), processes=1)
    assert {outcome.reason for outcome in found.values()} == {"the compiler crashed"}
    assert len(found) == 2


def test_a_source_that_takes_too_long_ends_all(interpreter: Interpreter, tmp_path: Path) -> None:
    silent = posing(tmp_path, interpreter, "exec sleep 60")
    with pytest.raises(FailureError, match=r"/opt/python/m0\.py was not compiled after 0\.2 s, .* --exclude"):
        compile_all(jobs(1, lambda *_: None), silent, seconds=0.2)


def test_what_goes_wrong_with_one_source_ends_all(interpreter: Interpreter) -> None:
    def done(path: str, outcome: Outcome) -> None:
        raise FailureError(f"no space for {path}")

    with pytest.raises(FailureError, match="no space for /opt/python/m"):
        compile_all(jobs(40, done), interpreter, processes=2)


def test_an_interruption_ends_all(interpreter: Interpreter) -> None:
    done = threading.Event()

    def interrupt(path: str, outcome: Outcome) -> None:
        if not done.is_set():
            done.set()
            os.kill(os.getpid(), 2)

    with pytest.raises(KeyboardInterrupt):
        compile_all(jobs(2000, interrupt), interpreter, processes=2)


def test_large_and_empty_sources_pass_through_the_pipe(interpreter: Interpreter) -> None:
    found: dict[str, Outcome] = {}
    large = b"# " + b"x" * 3_000_000 + b"\nvalue = 'y'\n"
    sources = iter([b"", large, b""])
    compile_all(jobs(3, found.__setitem__, lambda: next(sources)), interpreter, processes=1)
    assert [bool(outcome.bytecode) for outcome in found.values()] == [True, True, True]


def test_compilers_end_with_a_caller_that_is_killed(interpreter: Interpreter, tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from build.interpreters import Interpreter\n"
        "from build.tree.compilers import Job, compile_all\n"
        "job = Job(lambda: b'x = 1', 'x.py', lambda _: print('.', flush=True))\n"
        "compile_all([job] * 1_000_000, Interpreter.running(), processes=2)\n"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=root) as caller:
        assert caller.stdout
        caller.stdout.read(200)
        compilers = psutil.Process(caller.pid).children(recursive=True)
        assert compilers
        caller.kill()
        caller.wait()
        _, alive = psutil.wait_procs(compilers, timeout=30)
    assert not alive
