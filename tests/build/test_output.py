"""Finished files take their place whole, and only that of another file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from build.errors import FailureError
from build.output import replacing, settle


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


def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FailureError, match="pipe is no file that could be replaced"):
        settle(tmp_path / "pipe", b"x")


def test_a_file_that_is_as_it_should_be_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    settle(path, b"x")
    before = path.stat()
    settle(path, b"x")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    settle(path, b"y")
    assert path.read_bytes() == b"y"
