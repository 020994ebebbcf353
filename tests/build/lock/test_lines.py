"""The lines of a lock, as pip reads them."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build.errors import UserError
from build.lock.lines import Line, logical_lines, read_lines
from tests.build.index_fixtures import Lock

PIECES = [
    "a==1",
    " ",
    "\\",
    "\n",
    "\r\n",
    "#",
    " # why",
    "--hash=sha256:00",
    "\t",
    "; python_version < '3'",
    "\\\\",
]


@settings(deadline=None)  # the first example loads pip
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_lines_are_pips_lines(text: str) -> None:
    pip = importlib.import_module("pip._internal.req.req_file")
    expected = pip.ignore_comments(pip.join_lines(enumerate(text.splitlines(), start=1)))
    assert list(logical_lines(text)) == list(expected)


def test_includes_are_read_in_place_and_keep_their_names(lock: Lock) -> None:
    lock("beta==1", name="base.txt")
    lock("gamma<2", name="limits.txt")
    path = lock("alpha==1", "-r base.txt", "--constraint=limits.txt", "delta==1")
    lines = read_lines(path)
    assert [line.text for line in lines] == ["alpha==1", "beta==1", "gamma<2", "delta==1"]
    assert [line.constraint for line in lines] == [False, False, True, False]
    assert lines[1].where == f"{path.parent}/base.txt:1"


@pytest.mark.parametrize("spelt", ['-r "my base.txt"', "-r 'my base.txt'", r"-r my\ base.txt"])
def test_a_space_in_an_included_name_is_quoted_or_escaped(lock: Lock, spelt: str) -> None:
    lock("beta==1", name="my base.txt")
    assert [line.text for line in read_lines(lock(spelt))] == ["beta==1"]


def test_a_joined_line_has_the_number_of_its_first(lock: Lock) -> None:
    path = lock("# head", "", "alpha==1 \\", "    --hash=sha256:aa \\", "    --hash=sha256:bb", "beta==1")
    assert read_lines(path) == (
        Line(path, 3, "alpha==1     --hash=sha256:aa     --hash=sha256:bb"),
        Line(path, 6, "beta==1"),
    )


def test_variables_are_filled_in(lock: Lock) -> None:
    path = lock("--index-url https://${USER_1}:${PASS}@host/simple", "a==1 # ${UNSET} in a comment, $HOME")
    texts = [line.text for line in read_lines(path, {"USER_1": "me", "PASS": "pw"})]
    assert texts == ["--index-url https://me:pw@host/simple", "a==1"]


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_bytes(b"\xef\xbb\xbfalpha==1\n")
    assert read_lines(path)[0].text == "alpha==1"


def test_all_faults_are_told_with_their_places(lock: Lock, tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes(b"# caf\xe9\n")
    path = lock(
        "-r gone.txt", "a==${NOT_SET}", "-r requirements.txt", "-c latin.txt", "-r https://host/x.txt"
    )
    with pytest.raises(UserError) as caught:
        read_lines(path, {})
    for expected in (
        f"{path}:1: cannot read the lock {tmp_path}/gone.txt: No such file or directory",
        f"{path}:2: the environment variable NOT_SET is not set",
        f"{path}:3: {path} includes itself",
        f"{path}:4: {tmp_path}/latin.txt is not UTF-8 text (byte 5)",
        f"{path}:5: a lock on the network cannot be included",
    ):
        assert expected in str(caught.value)


def test_a_missing_lock_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^cannot read the lock \S+none\.txt: No such file or directory$"):
        read_lines(tmp_path / "none.txt")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding_as_in_pip(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "requirements.txt"
    path.write_bytes("# für\nalpha==1\n".encode(encoding))
    assert [line.text for line in read_lines(path)] == ["alpha==1"]


def test_a_declared_encoding_is_read_as_in_pip(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_bytes(b"# -*- coding: latin-1 -*-\n./caf\xe9.whl\n")
    assert [line.text for line in read_lines(path)] == ["./café.whl"]
    path.write_bytes(b"# coding: nonsense\na==1\n")
    with pytest.raises(UserError, match=r"^\S+requirements\.txt: unknown encoding: nonsense$"):
        read_lines(path)


def test_included_files_are_named_by_urls_as_well(lock: Lock, tmp_path: Path) -> None:
    base = lock("beta==1", name="my base.txt")
    path = lock(f"-r {base.as_uri()}", "-r file:my%20base.txt", f"-c file://localhost{base.as_uri()[7:]}")
    assert [(line.text, line.constraint) for line in read_lines(path)] == [
        ("beta==1", c) for c in (False, False, True)
    ]


def test_a_nul_is_told(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_bytes(b"alpha==1\n-r a\0b\n")
    with pytest.raises(
        UserError, match=r"requirements\.txt:2: there is a NUL character in it; is this a text file"
    ):
        read_lines(path)


def test_a_fault_of_a_line_shows_no_secret() -> None:
    line = Line(Path("lock"), 3, "x", filled=(("TOKEN", "hush"), ("LONG", "hush-hush")))
    assert (
        line.fault("a hush-hush, a hush, http://me:pw@host/?x")
        == "lock:3: a ${LONG}, a ${TOKEN}, http://host/"
    )
