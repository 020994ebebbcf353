"""How a command line begins and ends: whatever happens to it, nobody reads a traceback."""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import cast

INTERRUPTED = 130
_TRACEBACK = "LAMINA_TRACEBACK"


def run(module: str, arguments: Sequence[str]) -> int:
    """Imports a command line, and runs its `main`.

    What can go wrong with the process' own streams is told in one line on stderr: they can be closed, full,
    or a pipe that nobody reads any more. So is Ctrl-C, also while modules are still being loaded, and a fault
    of the command's own; with the variable LAMINA_TRACEBACK, that one shows where.

    Args:
        module: the full name of the module.
        arguments: without the program's name.

    Returns:
        What `main` gives; 1 where the answer cannot be written or the command is at fault; 130 after Ctrl-C.
    """
    _open_streams()
    try:
        main = cast("Callable[[Sequence[str]], int]", importlib.import_module(module).main)
        try:
            code = main(arguments)
        except SystemExit as ended:
            # argparse, which prints its help and ends.
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _told("interrupted", INTERRUPTED)
    except BrokenPipeError:
        _forget_stdout()
        return 1
    except OSError as error:
        _forget_stdout()
        return _told(f"{error.filename or 'standard output'}: {error.strerror or error}", 1)
    except ModuleNotFoundError as error:
        if os.environ.get(_TRACEBACK):
            raise
        reason = f"{sys.executable} has no module {error.name}"
        return _told(f"{reason}: run this with .venv/bin/python, which `make venv` makes", 1)
    except Exception as error:
        if os.environ.get(_TRACEBACK):
            raise
        reason = f"{type(error).__name__}: {error}"
        return _told(f"this is a fault of Lamina: {reason} ({_TRACEBACK}=1 shows where)", 1)
    return code


def _open_streams() -> None:
    """Puts something in the place of streams that are closed; an answer that nobody gets is a failure."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 (open as long as the process)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 (the same)
    if sys.stdout is None:
        sys.stdout = _Closed()


class _Closed(io.StringIO):
    """A stream that is not there: whatever is written to it is lost, and that is told."""

    def write(self, _: str) -> int:
        """Refuses.

        Raises:
            OSError: always.
        """
        raise OSError(errno.EBADF, "it is closed, so the answer is lost", "standard output")


def _forget_stdout() -> None:
    """Python flushes once more when it ends, and would tell of the same fault in its own words."""
    if not isinstance(sys.stdout, _Closed):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(message: str, code: int) -> int:
    sys.stderr.write(f"error: {' '.join(message.split())}\n")
    return code
