"""Without access the build says so once, and goes on by itself."""

from __future__ import annotations

import json
import socket
import struct
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from build.cli import main
from build.errors import UserError
from build.remote.cache import RemoteCache
from build.remote.environment import remote_cache
from local.aws.server import Server

from ..index_server import Index
from .conftest import NAME, URL, Run, keys, operations

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

WITHOUT = f"the remote cache {URL} cannot be used: "


def test_no_bucket_is_told_once(run: Run, cloud: Server, caplog: pytest.LogCaptureFixture) -> None:
    assert run().zip.is_file()
    assert caplog.messages == [f"{WITHOUT}there is no such bucket; it is done without"]


def test_no_credentials_are_told_once_and_named_to_nobody(
    run: Run, s3: S3Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run().zip.is_file()
    assert caplog.messages == [f"{WITHOUT}no credentials; it is done without"]


def test_an_endpoint_that_nobody_serves_is_given_up(
    run: Run, caplog: pytest.LogCaptureFixture, s3: S3Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
    assert run().zip.is_file()
    assert caplog.messages == [f"{WITHOUT}endpoint connection; it is done without"]


def test_an_endpoint_that_never_answers_is_given_up(
    run: Run, caplog: pytest.LogCaptureFixture, s3: S3Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("build.remote.store._READ_SECONDS", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert run().zip.is_file()
    assert caplog.messages == [f"{WITHOUT}read timeout; it is done without"]


class _Broken(BaseHTTPRequestHandler):
    """A store that breaks off in the middle of a body, or does not say how long it is."""

    resets = True

    def do_GET(self) -> None:
        self.send_response(200)
        if self.resets:
            self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"{" * 100)
        if self.resets:
            # Closed at once and with a reset (socket(7), SO_LINGER).
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class' name)
        """Says nothing."""


@pytest.mark.parametrize(
    ("resets", "said"),
    [(True, "cannot be used: response streaming"), (False, "is refused: it cannot be read")],
    ids=["reset", "no length"],
)
def test_a_store_that_breaks_off_is_done_without(
    run: Run,
    caplog: pytest.LogCaptureFixture,
    s3: S3Client,
    monkeypatch: pytest.MonkeyPatch,
    resets: bool,
    said: str,
) -> None:
    monkeypatch.setattr(_Broken, "resets", resets)
    with HTTPServer(("127.0.0.1", 0), _Broken) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        built = run(RemoteCache(URL, read_only=True))
        server.shutdown()
    assert built.zip.is_file()
    assert said in caplog.text


class _NoS3(BaseHTTPRequestHandler):
    """A web server that knows no page."""

    def do_GET(self) -> None:
        self.send_error(404)

    do_HEAD = do_PUT = do_GET  # noqa: N815 (the base class' names)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class' name)
        """Says nothing."""


def test_an_endpoint_that_is_no_s3_is_told_once(
    run: Run, caplog: pytest.LogCaptureFixture, s3: S3Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HTTPServer(("127.0.0.1", 0), _NoS3) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        assert run().zip.is_file()
        server.shutdown()
    assert caplog.messages == [f"{WITHOUT}the endpoint is not an S3's; it is done without"]


def denied(s3: S3Client, action: str) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": f"arn:aws:s3:::{NAME}/*",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket=NAME, Policy=json.dumps(policy))


def test_who_may_not_write_reads_and_is_told_once(
    run: Run, s3: S3Client, caplog: pytest.LogCaptureFixture
) -> None:
    denied(s3, "s3:PutObject")
    assert run().zip.is_file()
    assert caplog.messages == [
        f"the remote cache {URL} cannot be written: access denied; nothing is put there"
    ]
    assert keys(s3) == []


def test_who_may_not_read_is_told_once(run: Run, s3: S3Client, caplog: pytest.LogCaptureFixture) -> None:
    run()
    denied(s3, "s3:GetObject")
    assert run().zip.is_file()
    assert caplog.messages == [f"{WITHOUT}access denied; it is done without"]


@pytest.mark.parametrize(
    "url",
    ["bucket/prefix", "s3://", "s3://B", "http://bucket/x", "s3://bucket/a?b", "s3://ab/x", "s3:bucket"],
)
def test_what_is_no_url_of_a_bucket_is_refused(url: str) -> None:
    with pytest.raises(UserError, match=r"^the remote cache \S* cannot be used: write s3://bucket/prefix$"):
        RemoteCache(url)


def test_a_secret_in_a_wrong_url_is_not_repeated() -> None:
    with pytest.raises(UserError) as caught:
        RemoteCache("s3://key:hunter2@bucket/prefix?secret=hunter2")
    assert "hunter2" not in str(caught.value)


def test_the_environment_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAMINA_REMOTE", raising=False)
    assert remote_cache() is None
    monkeypatch.setenv("LAMINA_REMOTE", URL)
    monkeypatch.setenv("LAMINA_REMOTE_MODE", "read")
    assert remote_cache() is not None
    assert remote_cache("") is None
    monkeypatch.setenv("LAMINA_REMOTE_MODE", "maybe")
    with pytest.raises(UserError, match=r"^LAMINA_REMOTE_MODE=maybe: it can be read or write$"):
        remote_cache()


def layer(lock: Path, place: Path, *more: str) -> list[str]:
    return ["layer", str(lock), "--python", "3.12", "--output", str(place), "--json", *more]


def test_the_command_line_takes_it(
    found: Path,
    index: Index,
    s3: S3Client,
    cloud: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "one"))
    assert main(layer(found, tmp_path / "a", "--remote", URL)) == 0
    first = json.loads(capsys.readouterr().out)
    operations(cloud)
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "two"))
    monkeypatch.setenv("LAMINA_REMOTE", URL)
    assert main(layer(found, tmp_path / "b", "--no-zip", "--remote-read-only")) == 0
    second = json.loads(capsys.readouterr().out)
    assert operations(cloud) == ["GetObject 200"]
    assert second["digest"] == first["digest"]
    assert not list((tmp_path / "b").glob("*.zip"))


def test_without_a_remote_cache_boto3_is_not_loaded(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = "import sys, build.layer, build.commands.layer; sys.exit('boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_fetched_layer_that_was_taken_away_is_fetched_again(
    found: Path,
    index: Index,
    s3: S3Client,
    cloud: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from build.unchanged import recalled

    monkeypatch.setenv("LAMINA_REMOTE", URL)
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "one"))
    assert main(layer(found, tmp_path / "out")) == 0
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "two"))
    command = layer(found, tmp_path / "out2")
    assert main(command) == 0
    assert recalled(command) is not None
    (fetched,) = (tmp_path / "out2").glob("*.zip")
    fetched.unlink()
    assert recalled(command) is None


def test_without_access_the_next_build_tries_again(
    found: Path, index: Index, cloud: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from build.unchanged import recalled

    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "one"))
    command = layer(found, tmp_path / "out", "--remote", URL)
    assert main(command) == 0
    assert recalled(command) is None
