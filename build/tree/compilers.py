"""Compilers at work: one process for each core, and what happens when one dies, hangs or is interrupted."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from typing import NamedTuple

from ..background import begun
from ..errors import FailureError
from ..interpreters import Interpreter
from .compiler_process import Compiler, CompilerDiedError, Outcome

# A file of a megabyte takes less than a second.
_SECONDS = 120.0
_LOOK_EVERY = 0.5
# A process takes as long to start as some files to compile.
_FILES_EACH = 16


class Job(NamedTuple):
    """One source to compile.

    Attributes:
        read: gives its bytes.
        path: what its code will say that it is from.
        done: takes what became of it; from any thread, and of different jobs at once.
    """

    read: Callable[[], bytes]
    path: str
    done: Callable[[Outcome], None]


def compile_all(
    jobs: Sequence[Job], interpreter: Interpreter, *, processes: int | None = None, seconds: float = _SECONDS
) -> None:
    """Compiles sources on all cores.

    Args:
        jobs: in any order; what becomes of one does not depend on the others.
        interpreter: of the version that it is compiled for.
        processes: how many, instead of one for each core.
        seconds: how long one source may take.

    Raises:
        FailureError: a compiler does not start, or takes too long; every process is gone then.
    """
    if not jobs:
        return
    count = processes or min(_cores(), -(-len(jobs) // _FILES_EACH))
    _Team(jobs, interpreter, seconds).run(count)


class _Team:
    """The compilers at work, each with a thread of ours."""

    def __init__(self, jobs: Sequence[Job], interpreter: Interpreter, seconds: float) -> None:
        self._waiting: Iterator[Job] = iter(jobs)
        self._interpreter = interpreter
        self._seconds = seconds
        self._lock = threading.Lock()
        self._at_work: dict[Compiler, str] = {}
        self._stopped = False
        self._late: str | None = None

    def run(self, count: int) -> None:
        work = [begun(self._work, name=f"compile {number}") for number in range(count)]
        try:
            self._watch(work)
        finally:
            # Threads that wait for an answer get none, and end.
            self._stop()
            wait(work)
        if self._late is not None:
            raise FailureError(
                f"{self._late} was not compiled after {self._seconds:g} s, and the compiler was stopped; "
                "leave its package out with --exclude, or build without --bytecode"
            )
        for each in work:
            each.result()

    def _watch(self, work: Sequence[Future[None]]) -> None:
        while True:
            done, rest = wait(work, timeout=_LOOK_EVERY, return_when=FIRST_EXCEPTION)
            if not rest or any(each.exception() for each in done):
                return
            before = time.monotonic() - self._seconds
            with self._lock:
                for compiler, path in self._at_work.items():
                    if compiler.busy_since is not None and compiler.busy_since < before:
                        self._late = path
            if self._late is not None:
                return

    def _stop(self) -> None:
        with self._lock:
            self._stopped = True
            for compiler in self._at_work:
                compiler.kill()

    def _next(self) -> Job | None:
        with self._lock:
            return None if self._stopped else next(self._waiting, None)

    def _work(self) -> None:
        job = self._next()
        while job:
            with Compiler(self._interpreter) as compiler:
                while job and self._is_done(job, compiler):
                    job = self._next()
            if job:
                # Once more, in a process that has done nothing else; or it is the source that ends them.
                with Compiler(self._interpreter) as compiler:
                    if not self._is_done(job, compiler):
                        self._give_up(job)
                job = self._next()

    def _is_done(self, job: Job, compiler: Compiler) -> bool:
        """Compiles, unless all is stopped or the process ends over it."""
        source = job.read()
        with self._lock:
            if self._stopped:
                return False
            self._at_work[compiler] = job.path
        try:
            outcome = compiler.compile(source, job.path)
        except CompilerDiedError:
            return False
        except FailureError:
            # Whatever ended it first is what is told.
            if self._is_stopped():
                return False
            raise
        finally:
            with self._lock:
                del self._at_work[compiler]
        job.done(outcome)
        return True

    def _give_up(self, job: Job) -> None:
        if not self._is_stopped():
            job.done(Outcome(b"", "the compiler crashed"))

    def _is_stopped(self) -> bool:
        with self._lock:
            return self._stopped


def _cores() -> int:
    # Those that this process may use, where the system can tell: a container has fewer than the machine.
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
