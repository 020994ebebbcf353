"""The command as Terraform's provider runs it: the answer alone on stdout, faults on stderr, and no trace."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from build.cli import main
from build.unchanged import recalled

from ..wheelhouse import make_wheel
from .conftest import COMMAND, Ask, files_of, query

FIELDS = [
    *("digest", "zip", "zip_sha256_base64", "s3_bucket", "s3_key", "size", "unzipped_size"),
    *("runtime", "architecture", "manifest", "summary"),
]


def test_the_answer_has_the_promised_strings_and_nothing_else_is_said(ask: Ask, place: Path) -> None:
    done = ask(name="deps", architecture="arm64", output="dist")
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)
    assert list(found) == FIELDS
    assert {type(value) for value in found.values()} == {str}
    content = (place / found["zip"]).read_bytes()
    assert found["zip"] == f"dist/deps-{found['digest']}.zip"
    assert found["zip_sha256_base64"] == base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert (int(found["size"]), found["s3_bucket"], found["s3_key"]) == (len(content), "", "")
    assert (found["runtime"], found["architecture"]) == ("python3.12", "arm64")
    manifest = json.loads(found["manifest"])
    assert [each["name"] for each in manifest["packages"]] == ["alpha", "beta"]
    assert manifest["unzipped_size"] == int(found["unzipped_size"])
    assert str(place) not in done.stdout.decode()


def test_a_second_read_says_the_same_finds_no_trace_and_loads_nothing(ask: Ask, place: Path) -> None:
    first = ask()
    before = files_of(place)
    assert ask().stdout == first.stdout
    assert files_of(place) == before
    timed = [COMMAND[0], "-X", "importtime", *COMMAND[1:]]
    done = subprocess.run(timed, input=query(), capture_output=True, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}
    assert done.stdout == first.stdout
    assert "build.unchanged" in loaded
    assert not loaded & {"build.cli", "build.layer", "argparse", "json", "pathlib", "boto3", "re"}


def test_another_query_or_another_lock_is_not_answered_from_memory(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["external"], query()) == 0
    assert recalled(["external"], query()) == (capsys.readouterr().out, "")
    assert recalled(["external"], query(slim="true")) is None
    assert recalled(["external"]) is None
    (place / "requirements.txt").write_text((place / "requirements.txt").read_text() + "# more\n")
    assert recalled(["external"], query()) is None


def test_quiet_leaves_the_answer(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["external", "--quiet"], query()) == 0
    assert list(json.loads(capsys.readouterr().out)) == FIELDS


def test_mistakes_are_lines_on_stderr_with_an_exit_code(place: Path, ask: Ask) -> None:
    done = ask(pyton="3.12", slim="yes")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().splitlines() == [
        "error: there is no key 'pyton'; did you mean python?",
        "error: slim cannot be 'yes'; it is one of true, false; did you mean true?",
    ]
    assert not (place / ".lamina").exists()


def test_a_failed_build_is_told_and_leaves_no_zip(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_wheel(place / "house", "gamma", files={"alpha.py": b"other\n"})
    lock = place / "requirements.txt"
    lock.write_text(lock.read_text() + "gamma==1.0\n")
    assert main(["external"], query()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "alpha.py" in err
    assert not list(place.glob(".lamina/*.zip"))


def test_verification_can_be_left_out(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_wheel(place / "house", "delta", requires=["epsilon"])
    (place / "requirements.txt").write_text("--no-index\n--find-links house\ndelta==1.0\n")
    assert main(["external"], query()) == 2
    assert "epsilon" in capsys.readouterr().err
    assert main(["external"], query(verify="false")) == 0
    assert json.loads(capsys.readouterr().out)["digest"]


def test_more_than_a_query_is_refused_and_not_waited_for(ask: Ask) -> None:
    done = ask(b"x" * (4 << 20))
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"error: the query is longer than 1 MiB")


@pytest.mark.parametrize(
    ("redirected", "code", "told"),
    [
        ("<&-", 1, "standard input, from which the query is read, is closed or cannot be read"),
        ("</dev/null", 2, "it is nothing"),
        ("<query.json >&-", 1, "standard output is closed"),
        ("<query.json >/dev/full", 1, "the answer cannot be written: No space left on device"),
        ("<query.json 2>&-", 0, ""),
    ],
    ids=["no stdin", "empty", "no stdout", "full", "no stderr"],
)
def test_odd_streams_are_told_without_a_traceback(place: Path, redirected: str, code: int, told: str) -> None:
    (place / "query.json").write_bytes(query(verify="false"))
    shell = ["sh", "-c", f'exec "$0" "$@" {redirected}', *COMMAND]
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_gone_is_no_traceback(place: Path) -> None:
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    with process.stdin as stdin:
        stdin.write(query(verify="false"))
    with process.stderr as stderr:
        assert stderr.read() == b""
    assert process.wait(60) == 1


def test_a_person_at_a_terminal_is_told_what_to_type(place: Path) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(COMMAND, stdin=theirs, capture_output=True, text=True, check=False, timeout=60)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 2
    assert (
        """try: echo '{"lock": "requirements.txt", "python": "3.12"}' | python -m build external"""
        in done.stderr
    )


PARENT = """
import subprocess, sys, time
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(child.pid, flush=True)
child.stdin.write(open("query.json", "rb").read())
child.stdin.close()
time.sleep(60)
"""


def test_a_killed_parent_leaves_nothing_half_done(place: Path, ask: Ask) -> None:
    (place / "query.json").write_bytes(query(verify="false"))
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *COMMAND], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 60
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [name for name in files_of(place) if "lamina-tmp" in name]
    assert ask().returncode == 0
