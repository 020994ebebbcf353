"""Standard output for what has to be finished, also when nobody reads it any more."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import TextIO, cast

from typing_extensions import override


class Unheard(io.TextIOBase):
    """Passes text on until the reader is gone, and then says nothing more.

    Args:
        stream: whose reader may end, such as the `head` of a pipe; it has a file descriptor.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @override
    def write(self, text: str) -> int:
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:
            # What is still buffered goes there, too: it would raise once more when the process ends.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
        return len(text)

    @override
    def isatty(self) -> bool:
        return self._stream.isatty()

    @override
    def fileno(self) -> int:
        return self._stream.fileno()


@contextlib.contextmanager
def finishing() -> Iterator[None]:
    """Lets what runs in the context go on to its end without a reader."""
    with contextlib.redirect_stdout(cast("TextIO", Unheard(sys.stdout))):
        yield
