"""What a lock asks for on one target."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from build.errors import UserError
from build.lock.lines import Line, logical_lines
from build.lock.markers import marker_environment
from build.lock.requirements import Pin, Requirements, read_requirements
from build.target import Target

A, B = "a" * 64, "b" * 64


def read(*lines: str, python: str = "3.12", architecture: str = "x86_64", **options: bool) -> Requirements:
    text = "\n".join(lines)
    numbered = [Line(Path("lock"), number, line) for number, line in logical_lines(text)]
    return read_requirements(numbered, marker_environment(Target(python, architecture)), **options)


def pinned(*lines: str, python: str = "3.12", architecture: str = "x86_64") -> list[str]:
    return [str(pin) for pin in read(*lines, python=python, architecture=architecture).pins]


def test_pins_have_names_versions_hashes_and_places() -> None:
    assert read("", "Zope.Interface[test] == 7.0").pins == (
        Pin("zope-interface", Version("7.0"), frozenset(), "lock:2"),
    )
    hashed = read(f"a==1.0 \\\n  --hash=sha256:{A} \\\n  --hash sha256:{B.upper()}").pins[0]
    assert hashed.hashes == {f"sha256:{A}", f"sha256:{B}"}


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("python_version < '3.12'", False),
        ("python_full_version >= '3.12.4'", True),
        ("sys_platform == 'win32'", False),
        ("sys_platform == 'linux' and os_name == 'posix'", True),
        ("platform_system == 'Darwin'", False),
        ("platform_machine == 'aarch64'", True),
        ("platform_machine == 'arm64'", False),
        ("implementation_name == 'pypy'", False),
        ("platform_python_implementation == 'CPython'", True),
        ("extra == 'dev'", False),
    ],
)
def test_markers_are_read_for_the_target(marker: str, holds: bool) -> None:
    assert pinned(f"a==1 ; {marker}", architecture="arm64") == (["a 1"] if holds else [])


def test_the_sample_of_a_universal_lock_is_split_by_python() -> None:
    lines = ["numpy==2.0 ; python_version < '3.12'", "numpy==2.3 ; python_version >= '3.12'"]
    assert pinned(*lines, python="3.11") == ["numpy 2.0"]
    assert pinned(*lines, python="3.13") == ["numpy 2.3"]


LINES = [
    "a==1",
    "B_c==2.0",
    "d[x]==3",
    "e==4 ; python_version < '3'",
    f"f==5 --hash=sha256:{A}",
    "# why",
    "  ",
]


@given(st.permutations(LINES[:4] + LINES[5:]))
def test_the_order_of_lines_does_not_matter(lines: list[str]) -> None:
    assert pinned(*lines) == ["a 1", "b-c 2.0", "d 3"]


@given(st.sampled_from(["a", "A"]), st.sampled_from(["==", "==="]), st.sampled_from(["", " "]))
def test_a_pin_is_one_however_it_is_spelt(name: str, operator: str, space: str) -> None:
    assert pinned(f"{name}{space}{operator}{space}1.0{space};{space}python_version>'3'") == ["a 1.0"]


def test_a_semicolon_with_nothing_behind_it_is_no_marker_as_in_pip() -> None:
    assert pinned("a==1;", "b==2 ;") == ["a 1", "b 2"]


@pytest.mark.parametrize("line", ["a", "a>=1", "a==1.*", "a~=1.0", "a!=1", "a>=1,<2"])
def test_what_is_not_exact_is_unpinned(line: str) -> None:
    assert read(line).unpinned == ("a (lock:1)",)


def test_agreeing_lines_are_one_pin() -> None:
    assert pinned("a==1.0", "a[x]==1.0.0", "a>=0.9") == ["a 1.0"]


def test_two_pins_of_one_package_are_told_with_both_lines() -> None:
    with pytest.raises(
        UserError, match=r"^a is pinned more than once: 1\.0 \(lock:1\) and 2\.0 \(lock:3\); keep one$"
    ):
        read("a==1.0", "b==1", "A==2.0")


def test_a_pin_outside_a_limit_is_told_with_both_lines() -> None:
    with pytest.raises(UserError, match=r"a is pinned to 1\.0 \(lock:1\), but lock:2 wants >=2"):
        read("a==1.0", "a>=2")


def test_a_constraint_pins_what_is_asked_for_and_nothing_else() -> None:
    lines = [Line(Path("lock"), 1, "a"), Line(Path("limits"), 1, "a==1", constraint=True)]
    lines.append(Line(Path("limits"), 2, "b==1", constraint=True))
    found = read_requirements(lines, marker_environment(Target("3.12", "x86_64")))
    assert [str(pin) for pin in found.pins] == ["a 1"]


def test_one_hash_makes_hashes_compulsory() -> None:
    with pytest.raises(UserError, match=r"no --hash for b \(lock:2\), but the lock has hashes"):
        read(f"a==1 --hash=sha256:{A}", "b==1")
    with pytest.raises(UserError, match=r"b \(lock:2\) is not pinned with =="):
        read(f"a==1 --hash=sha256:{A}", "b")


def test_required_hashes_are_required() -> None:
    with pytest.raises(UserError, match=r"no --hash for a \(lock:1\), b \(lock:2\)"):
        read("a==1", "b==1", require_hashes=True)


def test_lines_without_a_hash_in_common_are_told() -> None:
    with pytest.raises(UserError, match="lock:2 and lock:1 have no hash in common"):
        read(f"a==1 --hash=sha256:{A}", f"a==1 --hash=sha256:{B}")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a=1", "cannot read `a=1`: "),
        ("a==1 ; python_versio > '3'", "cannot read `a==1 ; python_versio > '3'`: "),
        ("===", "cannot read `===`: "),
        ("a==1 --hash=md5:00", "--hash=md5:00 is no sha256, sha384 or sha512 with all its digits"),
        ("a==1 --hash=sha256:00", "--hash=sha256:00 is no sha256"),
        ("a==1 --hash", "--hash=... is no sha256"),
        ("a==1 --install-option=x", "--install-option is not an option of a requirement"),
        ("a==1 --hash 'open", "No closing quotation in the options of a==1"),
        ("a===weird!", "weird! is not a version (PEP 440)"),
    ],
)
def test_a_bad_line_is_told_with_its_number(line: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        read("ok==1", line)
    assert str(caught.value).startswith("lock:2: ")
    assert message in str(caught.value)
    assert "pw" not in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(UserError) as caught:
        read("a=1", "b==1", "b==2", "./c.whl")
    assert [part.split(":")[0] for part in str(caught.value).split("; ")[:1]] == ["lock"]
    assert all(part in str(caught.value) for part in ("lock:1", "lock:2", "lock:3", "lock:4"))


@given(st.text(alphabet="ab=<>!~;,. [](){}'\"@#\\-:/\t1", max_size=25))
def test_any_line_is_read_or_refused_on_one_line(line: str) -> None:
    told = ""
    try:
        read(line)
    except UserError as error:
        told = str(error)
    assert "\n" not in told


def test_what_is_no_lock_at_all_is_told_briefly() -> None:
    with pytest.raises(UserError, match=r"and 180 more faults; is this a requirements file\?$"):
        read(*(f"<p>{number}</p>" for number in range(200)))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("demo==1." + "9" * 5000, r"cannot read `demo==1\.9+`|1\.9+… is not a version"),
        ("demo==1.0; python_version > '" + "9" * 5000 + "'", r"cannot be read for the target"),
        ("demo==1.0; " + "(" * 3000 + "python_version > '3'" + ")" * 3000, "cannot read `demo"),
        ("http://host/demo-1." + "9" * 5000 + "-py3-none-any.whl", "is not the name of a wheel"),
        (
            "http://host/demo-1.0-" + "-".join([".".join("abcdefghijk" * 30)] * 3) + ".whl",
            "is not the name of a",
        ),
    ],
    ids=["version", "marker", "parentheses", "file name", "tags"],
)
def test_what_is_too_long_or_too_deep_is_told_with_its_line(line: str, reason: str) -> None:
    with pytest.raises(UserError, match=f"lock:1: .*({reason})"):
        read(line)
