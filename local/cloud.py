"""The embedded AWS as one background process: start it, find it, stop it.

Its folder holds `cloud.json` (`pid`, `port`, `id`), `cloud.log`, and `cloud/` with uploaded code. A process
is only ever trusted, or ended, after its `/_lamina/health` has told the id of `cloud.json`: its pid may long
belong to some other process. One whose `cloud.json` is lost ends by itself.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import http.client
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from local.runtime.archive import remove_tree

from .endpoint import HOST, endpoint_of, environment_of

PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.05
NOTE_SECONDS = 1.0
LOG_LINES = 20


class CloudError(Exception):
    """The embedded AWS cannot be started, found or stopped; the message says why."""


class CloudDiedError(CloudError):
    """It was started, and does not answer any more."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """The background process.

    Attributes:
        pid: its process id.
        port: that it listens on, on the loopback interface.
        id: what its health tells.
    """

    pid: int
    port: int
    id: str

    @property
    def endpoint(self) -> str:
        """Its URL."""
        return endpoint_of(self.port)

    def environment(self) -> dict[str, str]:
        """The environment variables by which every AWS SDK finds it."""
        return environment_of(self.port)


def start(folder: Path, *, port: int = 0, patience: float = PATIENCE_SECONDS) -> Cloud:
    """Starts the embedded AWS unless it runs already, and waits until it answers.

    Args:
        folder: where its files go; made if need be. One folder has one process, also when two start at once.
        port: to listen on; 0 takes a free one.
        patience: how many seconds to wait for its answer.

    Returns:
        The process, whether it was started now or before (then on the port that it has).

    Raises:
        CloudError: the port is in use, or it does not come up; the message ends with its log's end.
    """
    # State and uploaded code are the user's: the local stack seals its secrets with an empty passphrase.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock(folder):
        try:
            running = find(folder)
        except CloudDiedError:
            running = None
        return running or _spawn(folder, port, patience)


def find(folder: Path) -> Cloud | None:
    """Finds the embedded AWS of a folder.

    Args:
        folder: that was given to `start`.

    Returns:
        The process, or None when none was started (or it was stopped).

    Raises:
        CloudDiedError: it was started, and is gone or does not answer.
    """
    known = _read(folder)
    if known is None or _answers(known):
        return known
    raise CloudDiedError(
        f"the embedded AWS that was started on port {known.port} (pid {known.pid}) does not run any more"
    )


def stop(folder: Path, *, patience: float = PATIENCE_SECONDS) -> bool:
    """Ends the embedded AWS of a folder; everything in it is lost.

    Args:
        folder: that was given to `start`.
        patience: how many seconds to wait for its end before it is killed.

    Returns:
        True when it ran; False when there was nothing to stop.

    Raises:
        CloudError: it is another user's.
    """
    if not folder.is_dir():
        return False
    with _lock(folder):
        try:
            running = find(folder)
        except CloudDiedError:
            running = None
        if running is not None:
            _end(running, patience)
        _path(folder).unlink(missing_ok=True)
        remove_tree(folder / "cloud")
        return running is not None


def main(arguments: Sequence[str]) -> int:
    """What the background process runs: `serve --folder F --port P --id I`.

    Args:
        arguments: without the program's name.

    Returns:
        0 after SIGTERM or SIGINT, 1 when the port is in use.
    """
    parser = argparse.ArgumentParser(prog="python -m local.cloud", description="The embedded AWS.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("serve", help="serve until SIGTERM")
    command.add_argument("--folder", type=Path, required=True, help="for its files")
    command.add_argument("--port", type=int, default=0, help="to listen on; 0 takes a free one")
    command.add_argument("--id", default=None, help="what its health tells")
    return _serve(parser.parse_args(arguments))


def _serve(options: argparse.Namespace) -> int:
    from local.aws.server import serve  # noqa: PLC0415 - takes seconds, which `find` and `stop` need not wait

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    identity = options.id or str(uuid.uuid4())
    work = options.folder / "cloud"
    remove_tree(work)
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        with serve(work, port=options.port, identity=identity) as server:
            _write(options.folder, Cloud(os.getpid(), server.port, identity))
            threading.Thread(target=_end_without_note, args=(options.folder, identity), daemon=True).start()
            signal.sigwait(ends)
    except OSError as error:
        sys.stderr.write(f"error: cannot listen on port {options.port}: {error.strerror}\n")
        return 1
    return 0


def _end_without_note(folder: Path, identity: str) -> None:
    """Ends this process once nobody can find it any more: its note is gone, unreadable or another's."""
    while True:
        time.sleep(NOTE_SECONDS)
        try:
            noted = _read(folder)
        except CloudDiedError:
            noted = None
        if noted is None or noted.id != identity:
            os.kill(os.getpid(), signal.SIGTERM)
            return


def _spawn(folder: Path, port: int, patience: float) -> Cloud:
    if port:
        _check_free(port)
    _path(folder).unlink(missing_ok=True)
    identity = str(uuid.uuid4())
    command = [sys.executable, "-m", "local.cloud", "serve", "--folder", str(folder.absolute())]
    with (folder / "cloud.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--id", identity],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )
    try:
        known = _answering(process, folder, identity, patience)
    except BaseException:
        # An interrupted start must not leave one that nobody knows of.
        process.kill()
        process.wait()
        raise
    if known is not None:
        return known
    ended = process.poll()
    if ended is None:
        process.kill()
        process.wait()
    what = f"did not answer within {patience:g} seconds" if ended is None else f"ended with code {ended}"
    raise CloudError(f"the embedded AWS {what}; the end of {folder / 'cloud.log'}:\n{_log_end(folder)}")


def _answering(
    process: subprocess.Popen[bytes], folder: Path, identity: str, patience: float
) -> Cloud | None:
    until = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < until:
        known = _read(folder)
        if known is not None and known.id == identity and _answers(known):
            process.returncode = 0  # it goes on without us: nobody is to wait for it
            return known
        time.sleep(POLL_SECONDS)
    return None


def _check_free(port: int) -> None:
    try:
        socket.create_server((HOST, port)).close()
    except OSError as error:
        raise CloudError(
            f"the embedded AWS cannot listen on port {port}: {error.strerror}; name another port, or none"
        ) from error


def _end(known: Cloud, patience: float) -> None:
    try:
        os.kill(known.pid, signal.SIGTERM)
    except PermissionError as error:
        raise CloudError(f"the embedded AWS (pid {known.pid}) belongs to another user") from error
    except ProcessLookupError:
        return
    until = time.monotonic() + patience
    while _exists(known.pid):
        if time.monotonic() > until:
            with contextlib.suppress(ProcessLookupError):
                os.kill(known.pid, signal.SIGKILL)
            return
        time.sleep(POLL_SECONDS)


def _exists(pid: int) -> bool:
    # Where this process started it, it has to be reaped to be gone.
    with contextlib.suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _answers(known: Cloud) -> bool:
    """Asks for the health directly: proxies of the environment are not meant for the loopback interface."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{known.endpoint}/_lamina/health", timeout=10) as answer:
            health = json.load(answer)
    except (OSError, http.client.HTTPException, ValueError):
        return False
    return isinstance(health, dict) and (health.get("id"), health.get("pid")) == (known.id, known.pid)


def _path(folder: Path) -> Path:
    return folder / "cloud.json"


def _read(folder: Path) -> Cloud | None:
    try:
        known = json.loads(_path(folder).read_text("utf-8"))
        return Cloud(int(known["pid"]), int(known["port"]), str(known["id"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CloudDiedError(
            f"{_path(folder)} cannot be read ({error}), so no running embedded AWS can be found"
        ) from error


def _write(folder: Path, cloud: Cloud) -> None:
    temporary = folder / f".cloud.json.{cloud.pid}"
    temporary.write_text(json.dumps(asdict(cloud)) + "\n", "utf-8")
    temporary.replace(_path(folder))


def _log_end(folder: Path) -> str:
    lines = (folder / "cloud.log").read_text("utf-8", "replace").splitlines()
    return "\n".join(lines[-LOG_LINES:])


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Lets one process at a time start or stop; the kernel drops the lock when its holder ends."""
    with (folder / "cloud.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
