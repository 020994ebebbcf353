"""The small world is a true one: the same program, with the same promises."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from .content import FUNCTIONS
from .picture import picture
from .processes import ROOT, popen
from .world import within


def test_the_world_is_a_true_one_and_leaves_nothing_behind(cache: Path) -> None:
    before = descendants()
    with within(cache=cache) as world:
        world.up()
        started = descendants() - before
        assert len(started) >= len(FUNCTIONS)
        answer = world.client("lambda").invoke(FunctionName="lamina-world-api", Qualifier="live")
        assert json.loads(answer["Payload"].read()) == {"function": "api", "layer": "a", "code": "a"}
        world.calls()
        assert " unchanged" in world.up()
        assert world.writing_calls() == []
        world.told("destroy")
        left = picture(world)
    assert {key.partition(" ")[0] for key in left} == {"layer"}
    psutil.wait_procs(started, timeout=10)
    assert not [each for each in started if each.is_running()]


def test_a_broken_layer_fails_the_preview(cache: Path) -> None:
    with within(cache=cache) as world:
        world.write(layer="c", broken=True)
        assert "tiny.core cannot be imported" in world.told("preview", code=1)


@pytest.mark.parametrize(("verb", "code"), [("--help", 0), ("export", 2)])
def test_a_forked_process_ends_with_its_modules_exit_code(verb: str, code: int) -> None:
    command = [sys.executable, "-m", "tests.world.engine", verb]
    with popen(
        command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert "usage: python -m local" in process.stdout.read()
        assert process.wait(60) == code


def test_a_killed_process_tells_its_signal() -> None:
    with popen([sys.executable, "-m", "local.provider"], cwd=ROOT, env=os.environ) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.05)
        process.kill()
        assert process.wait(60) == -signal.SIGKILL


def descendants() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))
