"""Requirements that name a wheel's own place."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from build.errors import UserError
from build.index.settings import Settings, check_addresses
from build.lock.direct import read_direct
from build.lock.lines import Line, logical_lines
from build.lock.markers import marker_environment
from build.lock.options import read_options
from build.lock.requirements import Pin, read_requirements
from build.target import Target
from tests.build.wheelhouse import make_wheel

A, B = "a" * 64, "b" * 64
WHEEL = "demo-1.0-py3-none-any.whl"
ELSEWHERE = f"https://host/wheels/{WHEEL}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a lock, with a wheel, an sdist and a project in it."""
    make_wheel(tmp_path / "locks", "demo")
    (tmp_path / "locks" / "demo-1.0.tar.gz").touch()
    (tmp_path / "locks" / "project").mkdir()
    return tmp_path / "locks"


def read(folder: Path, *lines: str, python: str = "3.12", **options: bool) -> tuple[Pin, ...]:
    numbered = [Line(folder / "lock", number, line) for number, line in logical_lines("\n".join(lines))]
    return read_requirements(numbered, marker_environment(Target(python, "x86_64")), **options).pins


@pytest.mark.parametrize(
    "line",
    [
        f"./{WHEEL}",
        WHEEL,
        f"{WHEEL}[extra]",
        f"./{WHEEL} ; python_version > '3'",
        f"../locks/{WHEEL};python_version > '3'",
        f"demo @ ./{WHEEL}",
        f"demo[extra]@ file:{WHEEL}",
        f"file:./{WHEEL}#egg=demo",
        f"file:{WHEEL}[extra] ; python_version > '3'",
    ],
)
def test_a_wheel_of_this_machine_is_named_in_any_of_pips_ways(folder: Path, line: str) -> None:
    (pin,) = read(folder, line)
    assert (str(pin), pin.where) == ("demo 1.0", f"{folder}/lock:1")
    assert Path(pin.files[0].url.removeprefix("file://")).resolve() == folder / WHEEL


@pytest.mark.parametrize("scheme", ["", "file:", "file://", "file://localhost", "demo @ file://"])
def test_absolute_paths_and_file_urls_name_a_wheel(folder: Path, scheme: str) -> None:
    (pin,) = read(folder, f"{scheme}{folder}/{WHEEL}")
    assert pin.files[0].url == (folder / WHEEL).as_uri()


def test_a_path_with_spaces_is_written_with_percent_signs_in_a_url(tmp_path: Path) -> None:
    make_wheel(tmp_path / "my wheels", "demo")
    (pin,) = read(tmp_path, f"file:my%20wheels/{WHEEL}")
    assert pin.files[0].url.endswith(f"/my%20wheels/{WHEEL}")


def test_a_path_counts_from_the_lock_and_then_from_the_working_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_wheel(tmp_path, "other")
    make_wheel(tmp_path, "demo")
    found = read(folder, f"./{WHEEL}", "./other-1.0-py3-none-any.whl")
    assert [pin.files[0].url for pin in found] == [
        (folder / WHEEL).as_uri(),
        (tmp_path / "other-1.0-py3-none-any.whl").as_uri(),
    ]


@pytest.mark.parametrize(
    "line",
    [
        f"demo @ {ELSEWHERE} --hash=sha256:{A}",
        f"demo @ {ELSEWHERE}#sha256={A}",
        f"demo[x] @ {ELSEWHERE}#egg=demo&sha256={A.upper()} ; python_version > '3'",
        f"{ELSEWHERE} --hash sha256:{A}",
        f"{ELSEWHERE}#sha256={A}",
        f"{ELSEWHERE}#sha256={A} ; python_version > '3'",
    ],
)
def test_a_url_has_its_hash_behind_it_or_in_it(folder: Path, line: str) -> None:
    (pin,) = read(folder, line, require_hashes=True)
    assert (str(pin), pin.hashes, pin.files[0].url) == ("demo 1.0", frozenset({f"sha256:{A}"}), ELSEWHERE)


def test_without_hashes_anywhere_a_url_needs_none_as_in_pip(folder: Path) -> None:
    assert [str(pin) for pin in read(folder, f"demo @ {ELSEWHERE}", f"other==1 # {A}")] == [
        "demo 1.0",
        "other 1",
    ]


@pytest.mark.parametrize("line", [f"demo @ {ELSEWHERE}", f"./{WHEEL}", f"{ELSEWHERE}#md5={'0' * 32}"])
def test_where_hashes_are_compulsory_files_need_them_as_well(folder: Path, line: str) -> None:
    with pytest.raises(UserError, match=r"no --hash for demo \(\S+/lock:2\), but the lock has hashes"):
        read(folder, f"other==1 --hash=sha256:{A}", line)
    with pytest.raises(UserError, match=r"no --hash for demo \(\S+/lock:1\)"):
        read(folder, line, require_hashes=True)


def test_a_hash_of_a_line_for_another_target_makes_hashes_compulsory_as_in_pip(folder: Path) -> None:
    with pytest.raises(UserError, match="no --hash for demo"):
        read(folder, f"demo @ {ELSEWHERE}", f"other==1 ; sys_platform == 'win32' --hash=sha256:{A}")


def test_a_hash_in_a_url_makes_hashes_compulsory_for_nobody_else_as_in_pip(folder: Path) -> None:
    assert len(read(folder, f"demo @ {ELSEWHERE}#sha256={A}", "other==1")) == 2


def test_a_file_for_another_target_is_left_out(folder: Path) -> None:
    assert read(folder, f"./{WHEEL} ; python_version < '3.12'") == ()


def test_a_constraint_says_where_a_package_is(folder: Path) -> None:
    lines = [
        Line(folder / "lock", 1, "demo"),
        Line(folder / "limits", 1, f"demo @ {ELSEWHERE}", constraint=True),
    ]
    (pin,) = read_requirements(lines, marker_environment(Target("3.12", "x86_64"))).pins
    assert pin.files[0].url == ELSEWHERE


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "git+https://me:pw@host/a.git",
            "git+https://host/a.git is a git+https address; build a wheel of it",
        ),
        ("a @ git+ssh://git@host/a.git@v1", "git+ssh://host/a.git@v1 is a git+ssh address; build a wheel"),
        ("a @ hg+http://host/a", "hg+http://host/a is a hg+http address"),
        ("ftp://me:pw@host/a.whl", "ftp://host/a.whl is a ftp address"),
        ("https://me:pw@host/a-1.tar.gz?t=pw", "https://host/a-1.tar.gz is no wheel, and nothing is built"),
        ("a @ https://me:pw@host/a.zip", "https://host/a.zip is no wheel"),
        (
            "demo-1.0.tar.gz",
            "demo-1.0.tar.gz is no wheel, and nothing is built from source; build a wheel of it",
        ),
        ("./gone-1-py3-none-any.whl", "there is no file ./gone-1-py3-none-any.whl; correct the path"),
        ("file:///gone/demo.whl", "there is no file file:///gone/demo.whl"),
        ("./project", "./project is a folder; build a wheel of it"),
        (".", ". is a folder"),
        ("~/x.whl", "there is no file ~/x.whl"),
        ("C:\\x\\demo.whl", "there is no file C:\\x\\demo.whl"),
        ("https://host/demo.whl", "demo.whl is not the name of a wheel (name-version-python-abi-platform)"),
        (f"other @ {ELSEWHERE}", f"{WHEEL} is a wheel of demo and not of other; correct one of them"),
        (f"{ELSEWHERE}#egg=other", f"{WHEEL} is a wheel of demo and not of other"),
        (
            f"./{WHEEL} ; python_versio > '3'",
            "cannot read `./demo-1.0-py3-none-any.whl ; python_versio > '3'`",
        ),
        ("a b @ https://me:pw@host/x.whl?t=pw", "cannot read `a b @ https://host/x.whl`"),
        (f"demo @ {ELSEWHERE} --hash=md5:00", "--hash=md5:00 is no sha256"),
    ],
)
def test_what_is_no_wheel_is_refused_by_name_and_line(folder: Path, line: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        read(folder, "ok==1", line)
    assert f"{folder}/lock:2: {message}" in str(caught.value)
    assert "pw" not in str(caught.value)


def test_all_that_is_no_wheel_is_told_at_once(folder: Path) -> None:
    with pytest.raises(UserError) as caught:
        read(folder, "demo-1.0.tar.gz", "git+https://host/a", "./project", "b==1")
    assert [f"lock:{number}" in str(caught.value) for number in (1, 2, 3, 4)] == [True, True, True, False]


def test_two_places_for_one_package_are_told_with_both_lines(folder: Path) -> None:
    with pytest.raises(
        UserError, match=r"^demo is asked for from two places: .*lock:1\) and .*lock:2\); keep one"
    ):
        read(folder, f"./{WHEEL}", f"demo @ {ELSEWHERE}")


def test_a_file_beside_a_pin_or_a_limit_must_fit_it(folder: Path) -> None:
    assert len(read(folder, f"./{WHEEL}", "demo==1.0", "demo<2")) == 1
    with pytest.raises(UserError, match=r"demo is pinned to 1\.0 \(\S+lock:1\), but \S+lock:2 wants ==2.0"):
        read(folder, f"./{WHEEL}", "demo==2.0")
    with pytest.raises(UserError, match=r"demo is pinned to 1\.0 \(\S+lock:1\), but \S+lock:2 wants >1"):
        read(folder, f"./{WHEEL}", "demo>1")


@pytest.mark.parametrize(
    "line",
    [
        f"./{WHEEL}",
        f"{WHEEL}[extra]",
        f"../locks/{WHEEL};python_version > '3'",
        f"demo[extra]@ file://{{}}/{WHEEL} ; python_version < '3'",
        f"file://{{}}/{WHEEL}#egg=demo",
        f"demo [x] @ {ELSEWHERE}#sha256={A}",
        f"{ELSEWHERE} ; python_version > '3'",
        f"demo @ {ELSEWHERE}; python_version > '3'",
        f"demo @ {ELSEWHERE};python_version > '3'",
    ],
)
def test_name_place_and_marker_are_those_that_pip_reads(
    folder: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.chdir(folder)
    pip = importlib.import_module("pip._internal.req.constructors")
    line = line.format(folder)
    theirs, ours = pip.install_req_from_line(line), read_direct(line, folder)
    assert canonicalize_name(theirs.req.name) == ours.name
    assert str(theirs.markers) == str(ours.marker)
    url = theirs.link.url_without_fragment
    assert ours.file.url.replace("/../locks", "") == url


PIECES = [
    "http://", "https://", "file:", "file://", "demo", WHEEL, "[", "]", "@", " ", ";", "#sha256=", "%00", "%",
    "\\", "/", ":", "..", "~", "::1", "--hash=", "--find-links ", "--trusted-host ", "-i ", "?", "&egg=",
    "git+ssh://", ".zip", "'", "é", "<",
]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map("".join))
def test_any_line_is_taken_or_refused_on_one_line(text: str) -> None:
    line = Line(Path("/none/lock"), 1, text.strip() or "a")
    told = ""
    try:
        check_addresses(read_options([line], Settings()).settings)
        read_requirements([line], marker_environment(Target("3.12", "x86_64")))
    except UserError as error:
        told = str(error)
    assert "\n" not in told


@pytest.mark.parametrize(
    "line",
    [
        "file://other/x/demo.whl",
        "file://[/demo.whl",
        "http://[::1/demo.whl",
        "https://h:x/d.whl",
        "./a%00b.whl",
    ],
)
def test_what_is_no_place_at_all_is_told(folder: Path, line: str) -> None:
    with pytest.raises(UserError, match=r"lock:1: .+ is no address and no path of this machine; correct it$"):
        read(folder, line)
