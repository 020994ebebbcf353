"""The other end of a pipe: takes sources, gives bytecode; one process for each core.

It runs in the Python of the functions with hash seed 0, and nothing of its surroundings: see
`build/tree/bytecode.py`, which starts it.
"""

from __future__ import annotations

import _thread
import importlib.util
import json
import marshal
import struct
import sys
from types import CodeType
from typing import IO

from .canonical import canonical

# Of a request: the lengths of the path and of the source. Of an answer: whether it went well, and a length.
REQUEST = struct.Struct("<II")
ANSWER = struct.Struct("<?I")
# PEP 552: the hash of the source counts, and nobody checks it: `check_source` is 0.
_UNCHECKED = 1
# How deeply a source may be nested depends on the stack (Python 3.14), which differs between machines.
_STACK = 64 << 20


def compiled(source: bytes, path: str) -> bytes:
    """The bytecode file of a source.

    Args:
        source: the file's content.
        path: what tracebacks will name it.

    Returns:
        An unchecked hash-based `.pyc` (PEP 552), without optimisation.

    Raises:
        Exception: whatever the compiler says of a source that this Python cannot read.
    """
    code: CodeType = compile(source, path, "exec", dont_inherit=True, optimize=0)
    found = canonical(marshal.dumps(code), sys.version_info[:2])
    # Code objects are not compared: each level of nesting doubles the time, and NaN does not equal itself.
    if canonical(marshal.dumps(marshal.loads(found)), sys.version_info[:2]) != found:  # noqa: S302 (written here)
        raise RuntimeError("its bytecode would not be read as it was written")
    head = importlib.util.MAGIC_NUMBER + struct.pack("<I", _UNCHECKED) + importlib.util.source_hash(source)
    return head + found


def about() -> dict[str, object]:
    """What this process is, so that its caller can see that it started the right one."""
    return {
        "version": ".".join(map(str, sys.version_info[:3])),
        "magic": int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little"),
        "tag": sys.implementation.cache_tag,
        "random": bool(sys.flags.hash_randomization),
    }


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answers until the pipe is closed."""
    answers.write(json.dumps(about()).encode() + b"\n")
    answers.flush()
    while True:
        head = requests.read(REQUEST.size)
        if len(head) < REQUEST.size:
            return
        path_length, source_length = REQUEST.unpack(head)
        path = requests.read(path_length).decode("utf-8", "surrogateescape")
        source = requests.read(source_length)
        try:
            well, answer = True, compiled(source, path)
        except Exception as error:  # noqa: BLE001 (a compiler raises many kinds, and each means: not this one)
            well, answer = False, f"{type(error).__name__}: {error}".encode("utf-8", "replace")
        answers.write(ANSWER.pack(well, len(answer)) + answer)
        answers.flush()


def main() -> None:
    """Serves on stdin and stdout."""
    done = _thread.allocate_lock()
    done.acquire()

    def run() -> None:
        try:
            serve(sys.stdin.buffer, sys.stdout.buffer)
        finally:
            done.release()

    _thread.stack_size(_STACK)
    _thread.start_new_thread(run, ())
    done.acquire()
