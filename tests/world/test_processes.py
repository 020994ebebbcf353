"""Processes that are forked end as those that are started do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from .processes import ROOT, popen


@pytest.mark.parametrize(
    ("verb", "code", "told"),
    [
        ("--help", 0, "usage: python -m local"),
        ("export", 2, "error: the following arguments are required: --stack"),
    ],
    ids=["done", "mistaken"],
)
def test_a_forked_process_ends_with_its_modules_exit_code(verb: str, code: int, told: str) -> None:
    command = [sys.executable, "-m", "tests.world.engine", verb]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with popen(command, cwd=ROOT, env=os.environ, **pipes) as process:
        assert told in process.stdout.read()
        assert process.wait(60) == code


def test_a_killed_process_tells_its_signal() -> None:
    with popen([sys.executable, "-m", "local.provider"], cwd=ROOT, env=os.environ) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.05)
        process.kill()
        assert process.wait(60) == -signal.SIGKILL
