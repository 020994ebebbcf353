from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from local import cloud
from tests.local.functions.waiting import eventually


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose embedded AWS is stopped after the test."""
    place = tmp_path / ".local"
    yield place
    cloud.stop(place)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_is_started_once_found_and_stopped(folder: Path) -> None:
    assert cloud.find(folder) is None
    running = cloud.start(folder)
    assert cloud.find(folder) == running == cloud.start(folder)
    # Its owner's alone: the stack's state is kept there, with its secrets under an empty passphrase.
    assert folder.stat().st_mode & 0o077 == 0
    assert json.loads((folder / "cloud.json").read_text()) == {
        "pid": running.pid,
        "port": running.port,
        "id": running.id,
    }
    assert cloud.stop(folder)
    assert cloud.find(folder) is None
    assert not cloud.stop(folder)
    assert not alive(running.pid)


def test_its_environment_is_all_that_a_client_needs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in cloud.start(folder).environment().items():
        monkeypatch.setenv(name, value)
    assert boto3.client("lambda").list_functions()["Functions"] == []
    assert '"operation": "ListFunctions"' in (folder / "cloud.log").read_text()


def test_two_starts_at_once_give_one_process(folder: Path) -> None:
    script = f"from pathlib import Path; from local import cloud; print(cloud.start(Path({str(folder)!r})))"
    command = [sys.executable, "-c", script]

    def started(_: int) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(started, range(2))
    assert first == second == f"{cloud.find(folder)}\n"


def test_it_outlives_its_starter_and_the_starters_ctrl_c(folder: Path) -> None:
    script = (
        "import os, signal; from pathlib import Path; from local import cloud; "
        f"cloud.start(Path({str(folder)!r})); signal.signal(signal.SIGINT, signal.SIG_DFL); "
        "os.killpg(0, signal.SIGINT)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, start_new_session=True)
    assert done.returncode == -signal.SIGINT
    assert cloud.find(folder) is not None


def test_a_death_is_told_and_the_next_start_is_clean(folder: Path) -> None:
    first = cloud.start(folder)
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    with pytest.raises(cloud.CloudDiedError, match=rf"port {first.port} \(pid {first.pid}\) does not run"):
        cloud.find(folder)
    assert cloud.start(folder).id != first.id


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with it."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        process.kill()


def note(folder: Path, pid: int, port: int) -> None:
    folder.mkdir()
    (folder / "cloud.json").write_text(json.dumps({"pid": pid, "port": port, "id": "old"}))


def test_a_process_that_has_got_its_pid_is_neither_trusted_nor_ended(
    folder: Path, bystander: subprocess.Popen[bytes]
) -> None:
    note(folder, bystander.pid, 1)
    with pytest.raises(cloud.CloudDiedError):
        cloud.find(folder)
    assert not cloud.stop(folder)
    assert bystander.poll() is None


def test_another_embedded_aws_on_its_port_is_not_taken_for_it(
    folder: Path, tmp_path: Path, bystander: subprocess.Popen[bytes]
) -> None:
    other = cloud.start(tmp_path / "other")
    note(folder, bystander.pid, other.port)
    with pytest.raises(cloud.CloudDiedError):
        cloud.find(folder)
    assert not cloud.stop(folder)
    assert cloud.find(tmp_path / "other") == other
    cloud.stop(tmp_path / "other")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"pid": "x", "port": 1, "id": "y"}'])
def test_an_unreadable_note_counts_as_a_death(folder: Path, content: str) -> None:
    folder.mkdir()
    (folder / "cloud.json").write_text(content)
    with pytest.raises(cloud.CloudDiedError, match=r"cloud\.json cannot be read"):
        cloud.find(folder)
    cloud.stop(folder)
    assert cloud.find(folder) is None


@pytest.mark.parametrize("content", [None, "{"], ids=["gone", "damaged"])
def test_one_that_nobody_can_find_any_more_ends_by_itself(folder: Path, content: str | None) -> None:
    lost = cloud.start(folder)
    (folder / "cloud.json").unlink()
    if content is not None:
        (folder / "cloud.json").write_text(content)
    assert os.waitpid(lost.pid, 0)[1] == 0


def test_a_port_in_use_is_told_at_once(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(cloud.CloudError, match=f"cannot listen on port {port}: .* name another port"):
            cloud.start(folder, port=port)
    assert cloud.find(folder) is None


def test_a_given_port_is_taken(folder: Path, unused_port: Callable[[], int]) -> None:
    port = unused_port()
    assert cloud.start(folder, port=port).endpoint == f"http://127.0.0.1:{port}"


@pytest.fixture
def unused_port() -> Callable[[], int]:
    def find() -> int:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port: int = taken.getsockname()[1]
            return port

    return find


def test_a_failed_start_shows_the_end_of_the_log(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "nonsense")
    with pytest.raises(
        cloud.CloudError, match=r"ended with code 1; the end of .*cloud\.log:\n.*PYTHONHASHSEED"
    ):
        cloud.start(folder)


def test_a_start_that_takes_too_long_is_given_up_and_ended(folder: Path) -> None:
    with pytest.raises(cloud.CloudError, match="did not answer within 0 seconds"):
        cloud.start(folder, patience=0)
    assert eventually(lambda: cloud.find(folder) is None)


def test_it_stops_on_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local.cloud", "serve", "--folder", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        assert eventually((tmp_path / "cloud.json").exists)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
