"""The benchmark runs what it says, measures whole processes, and fails where a promise is broken."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import MOST_MEBIBYTES, MOST_TIMES_FLOOR, Row, _verdict
from benchmarks.floor import copy_and_hash
from benchmarks.process import ProcessError, measured
from benchmarks.ways import ways, zip_name, zipped


def test_the_floor_copies_and_hashes_every_wheel(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"a")
    (tmp_path / "b.whl").write_bytes(b"b" * (2 << 20))
    found = copy_and_hash(tmp_path, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"a" + b"b" * (2 << 20)
    assert found == hashlib.sha256((tmp_path / "out").read_bytes()).hexdigest()


def test_a_process_is_measured_whole(tmp_path: Path) -> None:
    hungry = [sys.executable, "-c", "import time; kept = b'x' * (300 << 20); time.sleep(0.05)"]
    run = measured(hungry, cwd=tmp_path, environment=os.environ, log=tmp_path / "log")
    assert run.peak > 300 << 20
    assert run.seconds > 0.05


def test_a_failed_process_is_told_with_what_it_said(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('no disk'); exit(3)"]
    with pytest.raises(ProcessError, match="exited with 3: no disk"):
        measured(command, cwd=tmp_path, environment=os.environ, log=tmp_path / "log")
    with pytest.raises(ProcessError, match="no-such-tool: No such file"):
        measured(["no-such-tool"], cwd=tmp_path, environment={}, log=tmp_path / "log")


def test_the_table_says_which_zip_was_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert zip_name("-r9") == "python -m zipfile (there is no zip)"
    assert zipped(tmp_path, "-r9")[1:3] == ["-m", "zipfile"]
    (tmp_path / "zip").write_text("#!/bin/sh\n")
    (tmp_path / "zip").chmod(0o755)
    assert zip_name("-r9") == "zip -r9"
    assert zipped(tmp_path, "-r9")[:3] == ["zip", "-q", "-r9"]


def test_the_floor_comes_first_and_then_lamina(tmp_path: Path) -> None:
    names = [way.name for way in ways(tmp_path / "lock", tmp_path / "wheels")]
    assert [name.split()[0] for name in names] == ["floor", "lamina,", "uv", "pip"]


@pytest.mark.parametrize(
    ("times", "mebibytes", "code"),
    [
        (MOST_TIMES_FLOOR, MOST_MEBIBYTES, 0),
        (MOST_TIMES_FLOOR + 0.01, MOST_MEBIBYTES, 1),
        (MOST_TIMES_FLOOR, MOST_MEBIBYTES + 1, 1),
    ],
    ids=["kept", "slow", "hungry"],
)
def test_a_broken_promise_is_a_failure(times: float, mebibytes: float, code: int) -> None:
    assert _verdict([Row("floor", 1, 1, 1), Row("lamina", times, times, mebibytes)]) == code
