"""Finished files take their place whole, and only that of another file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from build.errors import FailureError
from build.output import replacing


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    half: list[Any] = [b"new", None]
    with pytest.raises(TypeError), replacing(path) as stream:
        stream.writelines(half)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_there_and_no_file_is_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(FailureError, match="pipe is no file that could be replaced"), replacing(pipe):
        pass
    assert pipe.is_fifo()
