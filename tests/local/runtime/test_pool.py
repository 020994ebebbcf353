from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.runtime.deployment import Deployment
from local.runtime.errors import (
    PayloadTooLargeError,
    ThrottledError,
    UnsupportedDeploymentError,
    UnusableArchiveError,
)
from local.runtime.pool import KEPT_TREES, Runtimes

from .conftest import ENDPOINT

Deploy = Callable[..., Deployment]
PID = "import os\ndef handler(event, context):\n    return os.getpid()\n"
WAIT = """
import pathlib, time
def handler(event, context):
    pathlib.Path(event["mine"]).touch()
    while not pathlib.Path(event["other"]).exists():
        time.sleep(0.01)
    return True
"""


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < until, "it did not come true"
        time.sleep(0.02)


def ask(runtimes: Runtimes, deployment: Deployment, event: Any = None) -> Any:
    result = runtimes.invoke(deployment, json.dumps(event).encode())
    assert result.error is None, result.log.decode()
    return json.loads(result.payload)


def test_the_next_invocation_finds_the_environment_warm(runtimes: Runtimes, deploy: Deploy) -> None:
    deployment = deploy(PID)
    first = runtimes.invoke(deployment, b"{}")
    second = runtimes.invoke(deployment, b"{}")
    assert first.payload == second.payload
    assert first.log_stream == second.log_stream
    assert first.events[0].startswith("INIT_START")
    assert second.events[0].startswith("START")


def test_another_deployment_gets_another_environment(runtimes: Runtimes, deploy: Deploy) -> None:
    deployment = deploy(PID)
    assert ask(runtimes, deployment) != ask(runtimes, replace(deployment, key="other"))


def test_invocations_at_once_run_in_environments_of_their_own(
    runtimes: Runtimes, deploy: Deploy, tmp_path: Path
) -> None:
    deployment = deploy(WAIT)
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    events = [{"mine": one, "other": two}, {"mine": two, "other": one}]
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(lambda event: ask(runtimes, deployment, event), events)) == [True, True]


def test_a_forgotten_deployment_ends_its_processes(runtimes: Runtimes, deploy: Deploy) -> None:
    deployment = deploy(PID)
    pid = ask(runtimes, deployment)
    runtimes.forget(deployment.key)
    assert not psutil.pid_exists(pid)
    assert ask(runtimes, deployment) != pid


def test_a_forgotten_deployment_finishes_what_it_does(
    runtimes: Runtimes, deploy: Deploy, tmp_path: Path
) -> None:
    deployment = deploy(WAIT)
    mine, other = tmp_path / "mine", tmp_path / "other"
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(ask, runtimes, deployment, {"mine": str(mine), "other": str(other)})
        wait_until(mine.exists)
        runtimes.forget(deployment.key)
        other.touch()
        assert running.result() is True
    assert (
        runtimes.invoke(deployment, json.dumps({"mine": str(mine), "other": str(other)}).encode())
        .events[0]
        .startswith("INIT_START")
    )


def test_idle_environments_end(tmp_path: Path, deploy: Deploy) -> None:
    with Runtimes(tmp_path / "runtime", ENDPOINT, idle_seconds=0.05) as runtimes:
        pid = ask(runtimes, deploy(PID))
        wait_until(lambda: not psutil.pid_exists(pid))


def test_the_longest_idle_environment_makes_room(tmp_path: Path, deploy: Deploy) -> None:
    with Runtimes(tmp_path / "runtime", ENDPOINT, limit=1) as runtimes:
        pid = ask(runtimes, deploy(PID))
        assert ask(runtimes, deploy(PID)) != pid
        assert not psutil.pid_exists(pid)


def test_when_all_are_busy_for_too_long_it_is_throttled(tmp_path: Path, deploy: Deploy) -> None:
    deployment = deploy(WAIT)
    mine, other = tmp_path / "mine", tmp_path / "other"
    with (
        Runtimes(tmp_path / "runtime", ENDPOINT, limit=1, patience_seconds=0.05) as runtimes,
        ThreadPoolExecutor(1) as threads,
    ):
        running = threads.submit(ask, runtimes, deployment, {"mine": str(mine), "other": str(other)})
        wait_until(mine.exists)
        with pytest.raises(ThrottledError, match=r"api: all 1 environments .* busy for 0\.05 seconds"):
            runtimes.invoke(deployment, b"{}")
        other.touch()
        assert running.result() is True


def test_closing_ends_everything_and_leaves_nothing(tmp_path: Path, deploy: Deploy) -> None:
    runtimes = Runtimes(tmp_path / "runtime", ENDPOINT)
    deployment = deploy(
        "import subprocess, sys\n"
        "def handler(event, context):\n"
        "    return subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid\n"
    )
    pid = ask(runtimes, deployment)
    runtimes.close()
    wait_until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    assert not (tmp_path / "runtime").exists()
    with pytest.raises(ThrottledError, match="api: the local Lambda runtime was closed"):
        runtimes.invoke(deployment, b"{}")


def test_closing_ends_a_running_invocation(tmp_path: Path, deploy: Deploy) -> None:
    runtimes = Runtimes(tmp_path / "runtime", ENDPOINT)
    mine = tmp_path / "mine"
    event = json.dumps({"mine": str(mine), "other": str(tmp_path / "never")}).encode()
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(runtimes.invoke, deploy(WAIT), event)
        wait_until(mine.exists)
        runtimes.close()
        result = running.result()
    assert json.loads(result.payload)["errorType"] == "Runtime.ExitError"


def test_functions_die_with_the_process_that_runs_them(tmp_path: Path, deploy: Deploy) -> None:
    deployment = deploy(
        "import os, pathlib\n"
        "def handler(event, context):\n"
        "    pathlib.Path(event + '.new').write_text(str(os.getpid()))\n"
        "    os.rename(event + '.new', event)\n"
        "    while True: pass\n"
    )
    noted = tmp_path / "pid"
    script = f"""
import sys
from pathlib import Path, PosixPath
from local.runtime.deployment import Deployment
from local.runtime.pool import Runtimes
Runtimes(Path({str(tmp_path / "runtime")!r}), {ENDPOINT!r}).invoke({deployment!r}, b'"{noted}"')
"""
    process = subprocess.Popen([sys.executable, "-c", script], cwd=Path(__file__).parents[3])
    wait_until(noted.exists)
    process.send_signal(signal.SIGKILL)
    process.wait()
    pid = int(noted.read_text())
    wait_until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_what_a_dead_predecessor_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "runtime" / "task" / "old"
    left.mkdir(parents=True)
    (left / "main.py").touch()
    left.chmod(0o555)
    with Runtimes(tmp_path / "runtime", ENDPOINT):
        assert not left.exists()


def test_only_the_latest_unused_trees_are_kept(tmp_path: Path, deploy: Deploy) -> None:
    with Runtimes(tmp_path / "runtime", ENDPOINT, limit=1) as runtimes:
        deployments = [deploy(f"{PID}# {n}") for n in range(KEPT_TREES + 3)]
        used = [ask(runtimes, deployment) for deployment in deployments]
        assert len(set(used)) == len(deployments)
        trees = list((tmp_path / "runtime" / "task").iterdir())
        assert len(trees) == KEPT_TREES + 1
        assert ask(runtimes, deployments[0]) not in used


def test_no_descriptor_and_no_thread_is_left_behind(tmp_path: Path, deploy: Deploy) -> None:
    def once() -> tuple[int, int]:
        with Runtimes(tmp_path / "runtime", ENDPOINT) as runtimes:
            ask(runtimes, deploy(PID))
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    once()
    before = once()
    wait_until(lambda: once() <= before)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"runtime": "python2.7"},
            r"api: the local Lambda runtime runs python3\.\d+ only .*, not python2\.7",
        ),
        ({"architecture": "riscv"}, "api: the local Lambda runtime runs on .* only .*, not on riscv"),
        ({"environment": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/x"}}, "api: .* remove AWS_LAMBDA_EXEC_WRAPPER"),
    ],
    ids=["python", "architecture", "wrapper"],
)
def test_what_cannot_run_here_is_refused(
    runtimes: Runtimes, deploy: Deploy, more: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnsupportedDeploymentError, match=message):
        runtimes.invoke(deploy(PID, **more), b"{}")


def test_an_event_over_six_megabytes_is_refused(runtimes: Runtimes, deploy: Deploy) -> None:
    with pytest.raises(PayloadTooLargeError, match="api: the event has 6291457 bytes"):
        runtimes.invoke(deploy(PID), b" " * (6 * 1024 * 1024 + 1))


def test_code_that_is_no_zip_is_refused(runtimes: Runtimes, deploy: Deploy, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_text("no zip")
    with pytest.raises(UnusableArchiveError, match=r"broken\.zip is no usable zip archive"):
        runtimes.invoke(replace(deploy(PID), code_zip=broken), b"{}")
