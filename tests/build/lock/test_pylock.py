"""`pylock.toml`: what it installs on a target, and everything that it may have wrong (PEP 751)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.errors import UserError
from build.lock.pylock import Locked, read_pylock
from build.lock.terms import Terms
from build.target import Target

HEAD = 'lock-version = "1.0"\ncreated-by = "test"\n'
A, B = "a" * 64, "b" * 64
FILE = Path("/locks/pylock.toml")


def wheel(name: str = "alpha", version: str = "1.0", more: str = "", *, tag: str = "py3-none-any") -> str:
    filename = f"{name}-{version}-{tag}.whl"
    return f'{{url = "https://host/{filename}", hashes = {{sha256 = "{A}"}}{more}}}'


def package(name: str = "alpha", *lines: str, version: str = "1.0", wheels: str | None = None) -> str:
    content = [f'name = "{name}"', f'version = "{version}"', *lines]
    content += [f"wheels = [{wheel(name, version) if wheels is None else wheels}]"] if wheels != "" else []
    return "\n".join(["[[packages]]", *content, ""])


def read(
    *parts: str,
    python: str = "3.12",
    architecture: str = "x86_64",
    terms: Terms | None = None,
    file: Path = FILE,
) -> Locked:
    return read_pylock(HEAD + "\n".join(parts), file, Target(python, architecture), terms or Terms())


def names(
    *parts: str,
    extras: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
    python: str = "3.12",
    architecture: str = "x86_64",
) -> list[str]:
    terms = Terms(extras=extras, groups=groups)
    return [pin.name for pin in read(*parts, terms=terms, python=python, architecture=architecture).pins]


def refused(*parts: str, terms: Terms | None = None, file: Path = FILE, python: str = "3.12") -> str:
    with pytest.raises(UserError) as caught:
        read(*parts, terms=terms, file=file, python=python)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_package_has_its_files_their_hashes_and_its_line() -> None:
    text = package(wheels=f"{wheel(more=', size = 7')}, {wheel(tag='cp312-cp312-linux_x86_64')}")
    (pin,) = read(package("beta", "marker = \"sys_platform == 'win32'\""), text).pins
    assert (str(pin), pin.where) == ("alpha 1.0", f"{FILE}:9")
    assert [(each.filename, each.hashes, each.size) for each in pin.files] == [
        ("alpha-1.0-py3-none-any.whl", {"sha256": A}, 7),
        ("alpha-1.0-cp312-cp312-linux_x86_64.whl", {"sha256": A}, None),
    ]


def test_markers_are_read_for_the_target() -> None:
    parts = [
        package("old", "marker = \"python_version < '3.12'\""),
        package("arm", "marker = \"platform_machine == 'aarch64'\""),
        package("linux", "marker = \"sys_platform == 'linux'\""),
    ]
    assert names(*parts) == ["linux"]
    assert names(*parts, python="3.11", architecture="arm64") == ["arm", "linux", "old"]


MULTI = (
    'extras = ["web", "db-x"]\ndependency-groups = ["Dev", "lint"]\ndefault-groups = ["lint"]',
    package("base"),
    package("web", "marker = \"'web' in extras\""),
    package("db", "marker = \"'db-x' in extras and 'web' not in extras\""),
    package("dev", "marker = \"'Dev' in dependency_groups\""),
    package("lint", "marker = \"'lint' in dependency_groups\""),
)


@pytest.mark.parametrize(
    ("extras", "groups", "installed"),
    [
        ((), (), ["base", "lint"]),
        (("web",), (), ["base", "lint", "web"]),
        (("DB_x",), (), ["base", "db", "lint"]),
        (("db-x", "web"), (), ["base", "lint", "web"]),
        ((), ("dev",), ["base", "dev", "lint"]),
        ((), ("lint",), ["base", "lint"]),
    ],
)
def test_extras_and_groups_choose_beside_the_default_groups(
    extras: tuple[str, ...], groups: tuple[str, ...], installed: list[str]
) -> None:
    assert names(*MULTI, extras=extras, groups=groups) == installed


def test_unknown_extras_and_groups_are_told_with_those_there_are() -> None:
    told = refused(*MULTI, terms=Terms(extras=("nope",), groups=("gone", "dev")))
    assert f"{FILE} does not suit: it has no extra nope (there are: db-x, web)" in told
    assert "it has no dependency group gone (there are: Dev, lint)" in told
    assert "it has no extra a (there is: none)" in refused(package(), terms=Terms(extras=("a",)))


def test_a_lock_for_other_pythons_or_environments_is_refused() -> None:
    told = refused(
        'requires-python = ">=3.13"\nenvironments = ["sys_platform == \'win32\'"]', package(), python="3.12"
    )
    assert "it is for Python >=3.13, and the target is python3.12" in told
    assert '`sys_platform == "win32"`, and the target (python3.12, x86_64) is not that' in told
    assert names("environments = [\"sys_platform == 'linux'\"]", package()) == ["alpha"]


def test_a_package_for_other_pythons_is_refused_if_it_is_wanted() -> None:
    needs = 'requires-python = ">=3.13"'
    told = refused(package("alpha", needs))
    assert f"{FILE}:3: alpha: it needs Python >=3.13, and the target has 3.12." in told
    assert names(package("alpha", needs, "marker = \"sys_platform == 'win32'\"")) == []


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            'vcs = {type = "git", url = "https://u:pw@h/a", commit-id = "0"}',
            "it comes from a git repository; build",
        ),
        ('directory = {path = "../a"}', "it is a folder (../a); leave it out"),
        (
            'directory = {path = ".", editable = true}',
            "(.); leave it out (uv export --format pylock.toml --no-emit-local does), or build a wheel of it",
        ),
        (
            f'archive = {{url = "https://h/a.zip?pw", hashes = {{sha256 = "{A}"}}}}',
            "archive of sources (a.zip)",
        ),
        (
            f'archive = {{url = "https://h/a.whl", hashes = {{sha256 = "{A}"}}}}',
            "a.whl is not the name of a wheel",
        ),
        (
            f'archive = {{url = "https://h/b-1-py3-none-any.whl", hashes = {{sha256 = "{A}"}}}}',
            "b-1-py3-none-any.whl is a wheel of b 1; lock again",
        ),
        (f"wheels = [{wheel(more='').replace('https:', 'ftp:')}]", "which is no address and no path"),
        (f"wheels = [{wheel().replace('sha256', 'whirl')}]", "has no sha256 or other hash that proves it"),
    ],
)
def test_what_is_no_wheel_is_refused_by_name_and_line(source: str, told: str) -> None:
    message = refused(package("beta"), package("alpha", source, wheels=""))
    assert message.startswith(f"{FILE}:8: alpha: ")
    assert told in message
    assert "pw" not in message


def test_all_that_is_no_wheel_is_told_at_once() -> None:
    told = refused(*(package(name, 'directory = {path = "x"}', wheels="") for name in ("a", "b", "c")))
    assert [part.rpartition(": it")[0] for part in told.split("lock that")[:3]] == [
        f"{FILE}:3: a",
        f"; {FILE}:8: b",
        f"; {FILE}:13: c",
    ]


def test_a_direct_reference_to_a_wheel_is_one() -> None:
    archive = f'archive = {{url = "https://host/alpha-1.0-py3-none-any.whl", hashes = {{sha256 = "{A}"}}}}'
    (pin,) = read(f'[[packages]]\nname = "alpha"\n{archive}\n').pins
    assert (str(pin), pin.files[0].filename) == ("alpha 1.0", "alpha-1.0-py3-none-any.whl")


def test_a_package_twice_is_told_with_both_lines() -> None:
    assert f"{FILE}:8: alpha: it is installed twice, see {FILE}:3" in refused(package(), package())
    other = package("alpha", "marker = \"sys_platform == 'win32'\"")
    assert names(package(), other) == ["alpha"]


def test_wheels_without_a_version_must_agree_on_one() -> None:
    text = '[[packages]]\nname = "alpha"\nwheels = [{}]\n'
    assert [str(pin) for pin in read(text.format(wheel())).pins] == ["alpha 1.0"]
    told = refused(text.format(f"{wheel()}, {wheel(version='2.0')}"))
    assert "it has no version, and its wheels do not agree on one" in told


def test_weak_hashes_are_taken_unless_hashes_are_required() -> None:
    text = package(wheels=wheel().replace("sha256", "md5"))
    assert read(text).pins[0].files[0].hashes == {"md5": A}
    assert "has no sha256 or other hash that proves it" in refused(text, terms=Terms(require_hashes=True))


def test_a_path_counts_from_the_lock_and_comes_before_the_url(tmp_path: Path) -> None:
    both = wheel(more=', path = "wheels/alpha-1.0-py3-none-any.whl"')
    lock = tmp_path / "pylock.toml"
    assert read(package(wheels=both), file=lock).pins[0].files[0].url.startswith("https:")
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "alpha-1.0-py3-none-any.whl").touch()
    found = read(package(wheels=both), file=lock)
    assert found.pins[0].files[0].url == (tmp_path / "wheels/alpha-1.0-py3-none-any.whl").as_uri()
    assert found.looked_at == (tmp_path / "wheels/alpha-1.0-py3-none-any.whl",)


def test_workspace_members_are_left_out_by_name() -> None:
    text = HEAD + package("ours", 'directory = {path = "x", editable = true}', wheels="") + package()
    found = read_pylock(text, FILE, Target("3.12", "x86_64"), Terms(), members={"ours"})
    assert ([pin.name for pin in found.pins], found.left_out) == (["alpha"], ("ours",))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nonsense = 1 1", "^/locks/pylock.toml is no TOML: .*line 1"),
        (HEAD + "a = 1\na = 2\n", "is no TOML: .*line 4"),
        (HEAD, "is not what PEP 751 describes: Missing required value in 'packages'; lock again"),
        ('created-by = "x"\npackages = []', "Missing required value in 'lock-version'"),
        ('lock-version = "2.0"\ncreated-by = "x"\npackages = []', "pylock version 2.0 is not supported"),
        (HEAD + package("Alpha"), r"Name 'Alpha' is not normalized in 'packages\[0\]\.name'"),
        (HEAD + package(wheels=""), "Exactly one of vcs, directory, archive must be set"),
        (
            HEAD + package(wheels=wheel(version="2")),
            "Version in .* is not consistent with package version '1.0'",
        ),
        (HEAD + package(wheels='{url = "https://u:pw@h/alpha-1.0-py3-none-any.whl"}'), "hashes'; lock again"),
        (HEAD + package("alpha", 'marker = "a b"'), "Expected .* in 'packages\\[0\\].marker'; lock again"),
    ],
)
def test_what_is_no_such_lock_is_one_line(text: str, told: str) -> None:
    with pytest.raises(UserError, match=told) as caught:
        read_pylock(text, FILE, Target("3.12", "x86_64"), Terms())
    assert "\n" not in str(caught.value)
    assert "pw" not in str(caught.value)


def test_lines_are_told_only_where_they_are_known() -> None:
    inline = 'packages = [{name = "alpha", directory = {path = "x"}}]\n'
    assert refused(inline).startswith(f"{FILE}: alpha: it is a folder")


PLACES = [
    "http://",
    "https://",
    "file:",
    "file://",
    "[",
    "]",
    "@",
    ":",
    "::1",
    "%00",
    "/",
    "..",
    "?",
    "#",
    "ü",
    " ",
]


@given(
    st.sampled_from(["wheels = [{{{}}}]", "archive = {{{}}}", "sdist = {{{}}}"]),
    st.sampled_from(["url", "path"]),
    st.lists(st.sampled_from(PLACES), max_size=6).map("".join),
)
def test_any_place_of_a_file_is_taken_or_refused_on_one_line(kind: str, key: str, place: str) -> None:
    source = f'{key} = "{place}alpha-1.0-py3-none-any.whl", hashes = {{sha256 = "{A}"}}'
    told = ""
    try:
        read(package("alpha", kind.format(source), wheels=""))
    except UserError as error:
        told = str(error)
    assert "\n" not in told


@pytest.mark.parametrize(
    ("maker", "advice"),
    [("uv", "lock again"), ("pipenv", "make another lock: pipenv requirements --hash > requirements.txt")],
)
def test_what_is_against_the_rules_is_told_with_what_helps(maker: str, advice: str) -> None:
    text = HEAD.replace("test", maker) + package("jaraco.classes")
    with pytest.raises(UserError, match=rf"is not what PEP 751 describes: .*; {advice}$"):
        read_pylock(text, FILE, Target("3.12", "x86_64"), Terms())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = " + "[" * 5000, "is nested deeper than can be read"),
        (
            package(wheels=wheel(tag="-".join([".".join("abcdefghijk" * 30)] * 3))),
            "has a longer name than any",
        ),
    ],
    ids=["depth", "tags"],
)
def test_what_is_too_long_or_too_deep_is_told(text: str, reason: str) -> None:
    with pytest.raises(UserError, match=rf"^/locks/pylock\.toml .*{reason}"):
        read(text)
