"""Builds in child processes: forked, so that dozens of them cost no imports."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

KILLED = 137
# What changes a folder or a file; each is told before it is done (Python's audit events).
_STEPS = {"os.rename", "os.remove", "os.mkdir", "os.chmod", "os.utime"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def in_child(work: Callable[[], object]) -> int:
    """Begins work in a child process, and gives its number."""
    with warnings.catch_warnings():
        # The child does no more than this test's work, whatever threads the parent has.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except Exception:  # noqa: BLE001 (the parent is told by the code, and its output)
        traceback.print_exc()
    finally:
        os._exit(code)


def _is_step(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether something is about to change; what is only read leaves everything as it was before."""
    return event in _STEPS or (event == "open" and bool(arguments[2] & _WRITES))


def code_of(child: int) -> int:
    """Waits for a child, and gives its exit code."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(step: int, folder: Path, work: Callable[[], object]) -> bool:
    """Does work in a child that ends before a step in a folder, as abruptly as `kill -9`.

    Returns:
        Whether it came that far.
    """

    def work_and_die() -> None:
        steps = 0

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal steps
            if _is_step(event, arguments) and str(arguments[0]).startswith(str(folder)):
                steps += 1
                if steps == step:
                    os._exit(KILLED)

        sys.addaudithook(hook)
        work()

    code = code_of(in_child(work_and_die))
    assert code in {0, KILLED}
    return code == KILLED
