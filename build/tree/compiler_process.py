"""One compiler: a process of the functions' own Python that sources are handed to."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple, Self

from ..compiler.worker import ANSWER, REQUEST
from ..errors import FailureError
from ..interpreters import Interpreter

_ROOT = Path(__file__).resolve().parents[len(__name__.split(".")) - 1]
_MODULE = f"{__name__.rpartition('.')[0].rpartition('.')[0]}.compiler.worker"
# The first entry is the working folder. Ours is the last: no file beside the package is in the library's way.
_START = (
    "import sys; del sys.path[0]; sys.path.append(sys.argv[1]); "
    "from importlib import import_module; import_module(sys.argv[2]).main()"
)
# Not isolated (-I), because that would ignore the hash seed, too: the order of sets depends on it.
_FLAGS = ("-S", "-s", "-B", "-W", "ignore")


class Outcome(NamedTuple):
    """What became of a source: bytecode, or the reason why there is none."""

    bytecode: bytes
    reason: str


class CompilerDiedError(Exception):
    """The process ended before it answered."""


class Compiler:
    """One process. It ends when its pipe is closed, so also when this process is killed."""

    def __init__(self, interpreter: Interpreter) -> None:
        """Starts it.

        Raises:
            FailureError: it does not start.
        """
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        command = [str(interpreter.path), *_FLAGS, "-c", _START, str(_ROOT), _MODULE]
        self.busy_since: float | None = None
        self._unknown: Interpreter | None = interpreter
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**surroundings, "PYTHONHASHSEED": "0"},
            )
        except OSError as error:
            raise FailureError(f"{interpreter.path} cannot be started: {error.strerror}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def compile(self, source: bytes, path: str) -> Outcome:
        """Compiles a source.

        Args:
            source: its bytes.
            path: what its code will say that it is from.

        Raises:
            CompilerDiedError: the process ended over it, or was killed.
            FailureError: it is another Python than it was.
        """
        name = path.encode("utf-8", "surrogateescape")
        self.busy_since = monotonic()
        stdin, _ = self._pipes
        if self._unknown:
            self._check(self._unknown)
            self._unknown = None
        try:
            stdin.write(REQUEST.pack(len(name), len(source)) + name + source)
            stdin.flush()
        except (OSError, ValueError) as error:
            raise CompilerDiedError(path) from error
        well, length = ANSWER.unpack(self._read(ANSWER.size))
        answer = self._read(length)
        self.busy_since = None
        return Outcome(answer, "") if well else Outcome(b"", answer.decode("utf-8", "replace"))

    def kill(self) -> None:
        """Ends it at once; any thread may."""
        self._process.kill()

    def close(self) -> None:
        """Ends it, and waits until it is gone."""
        self.kill()
        self._process.wait()
        for pipe in self._pipes:
            with suppress(OSError):
                pipe.close()

    @property
    def _pipes(self) -> tuple[Any, Any]:
        return self._process.stdin, self._process.stdout

    def _check(self, interpreter: Interpreter) -> None:
        wanted = {
            "version": interpreter.version,
            "magic": interpreter.magic,
            "tag": interpreter.tag,
            "random": False,
        }
        said = self._pipes[1].readline()
        if not said:
            raise FailureError(
                f"{interpreter.path} ended before it said which Python it is; run it to see why"
            )
        try:
            found = json.loads(said)
        except ValueError:
            found = None
        if found != wanted:
            raise FailureError(
                f"{interpreter.path} is no longer the Python {interpreter.version} that it was; build again"
            )

    def _read(self, length: int) -> bytes:
        try:
            found: bytes = self._pipes[1].read(length)
        except (OSError, ValueError) as error:
            raise CompilerDiedError from error
        if len(found) < length:
            raise CompilerDiedError
        return found
