"""Pages of the Simple API, as JSON and as HTML."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from build.errors import FailureError
from build.index.choice import wheels
from build.index.simple import ProjectFile, Wanted, read_page
from tests.build.index_server import Index

URL = "https://host/simple/demo/"
RELEASES = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
SUFFIXES = st.sampled_from(["", ".0", ".post1", "rc1", ".dev3", "+cpu", "+ubuntu.1"])


@given(RELEASES, SUFFIXES, RELEASES, SUFFIXES)
def test_a_file_is_wanted_exactly_when_its_version_matches(pin: str, tail: str, other: str, end: str) -> None:
    wanted = Wanted("demo", Version(pin + tail))
    for version in (other + end, pin + end, pin + tail):
        matches = SpecifierSet(f"=={pin + tail}").contains(version, prereleases=True)
        assert wanted(f"demo-{version}-py3-none-any.whl") == matches
        assert wanted(f"demo-{version}.tar.gz") == matches
        assert not wanted(f"demo_other-{version}-py3-none-any.whl")


@given(st.text(max_size=20), st.sampled_from([".whl", ".tar.gz", ".zip", ".exe", ""]))
def test_any_file_name_is_wanted_or_not(name: str, ending: str) -> None:
    try:
        Version(name)
    except InvalidVersion:
        assert not Wanted("demo", Version("1.0"))(
            f"demo-{name}{ending}" if ending == ".tar.gz" else name + ending
        )


def test_names_are_compared_normalised() -> None:
    wanted = Wanted("zope-interface", Version("7.0"))
    assert wanted("zope.interface-7.0-py3-none-any.whl")
    assert wanted("Zope_Interface-7.0.0.tar.gz")


@pytest.mark.parametrize("kind", ["json", "html"])
def test_both_formats_give_the_same_facts(kind: str) -> None:
    index = Index(kind=kind)
    file = index.wheel("demo", "1.0", requires_python=">=3.9,<4", yanked="bad & ugly")
    index.wheel("demo", "1.1", hashes={}, size=None)
    content_type, content = index.page("demo")
    assert read_page(content, content_type, URL, Wanted("demo", Version("1.0"))) == [
        ProjectFile(
            "demo-1.0-py3-none-any.whl",
            "https://host/files/demo-1.0-py3-none-any.whl",
            {"sha256": file.sha256},
            ">=3.9,<4",
            "bad & ugly",
            len(file.content) if kind == "json" else None,
        )
    ]
    (other,) = read_page(content, content_type, URL, Wanted("demo", Version("1.1")))
    assert (other.hashes, other.requires_python, other.yanked) == ({}, None, None)


def test_html_addresses_count_from_its_base() -> None:
    page = (
        b'<head><base href="/pool/"></head><a href=" demo-1.0%2Bcpu-py3-none-any.whl#egg=x&amp;sha256='
        + b"AB" * 32
        + b'&amp;x=1">x</a>'
    )
    (file,) = read_page(page, "text/html; charset=utf-8", URL, lambda _: True)
    assert file.filename == "demo-1.0+cpu-py3-none-any.whl"
    assert file.url == "https://host/pool/demo-1.0%2Bcpu-py3-none-any.whl"
    assert file.hashes == {"sha256": "AB" * 32}


@pytest.mark.parametrize(
    "page",
    ["", "{", "[]", "{}", '{"meta": {}}', '{"meta": {"api-version": "1.0"}, "files": [{"filename": "a"}]}'],
)
def test_a_broken_json_page_is_refused(page: str) -> None:
    with pytest.raises(FailureError, match="its JSON page is not what PEP 691 describes"):
        read_page(page.encode(), "application/vnd.pypi.simple.v1+json", URL, lambda _: True)


def test_a_page_from_the_future_is_refused() -> None:
    page: dict[str, Any] = {"meta": {"api-version": "2.0"}, "files": []}
    with pytest.raises(FailureError, match=re.escape("version 2.0 of the Simple API")):
        read_page(json.dumps(page).encode(), "application/json", URL, lambda _: True)


def test_what_is_no_link_on_a_page_is_passed_over() -> None:
    page = '<base href="http://["><a href="http://[">x</a><a>y</a><a href="demo-1.0-py3-none-any.whl">z</a>'
    found = read_page(page.encode(), "text/html", URL, lambda _: True)
    assert [file.url for file in found] == [f"{URL}demo-1.0-py3-none-any.whl"]


def json_page(**told: object) -> bytes:
    entry = {"filename": "demo-1.0-py3-none-any.whl", "url": "demo.whl", "hashes": {}, **told}
    return json.dumps({"meta": {"api-version": "1.0"}, "files": [entry]}).encode()


@pytest.mark.parametrize(
    "told",
    [
        {"url": "http://host:99999/demo.whl"},
        {"url": "file:///etc/passwd"},
        {"url": "javascript:alert(1)"},
        {"url": None},
        {"url": "a\x1b[31m.whl"},
        {"hashes": None},
        {"hashes": {"sha256": None}},
        {"hashes": {"sha256": "../../../../tmp/evil"}},
        {"hashes": {"SHA256": "ab"}},
        {"requires-python": 3},
    ],
    ids=str,
)
def test_what_json_says_of_a_file_and_cannot_be_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(FailureError, match=r"not what PEP 691 describes: demo-1\.0-py3-none-any\.whl: "):
        read_page(json_page(**told), "application/json", URL, lambda _: True)


@pytest.mark.parametrize("yanked", [None, False, ""], ids=repr)
def test_what_is_no_reason_yanks_nothing(yanked: object) -> None:
    (file,) = read_page(json_page(yanked=yanked, size="5"), "application/json", URL, lambda _: True)
    assert (file.yanked, file.size) == (None, None)


@pytest.mark.parametrize("content_type", ["", "text/plain", "APPLICATION/JSON"])
def test_json_is_known_by_how_it_begins(content_type: str) -> None:
    assert len(read_page(json_page(), content_type, URL, lambda _: True)) == 1


@pytest.mark.parametrize("page", ["[" * 100_000, '{"meta":' * 50_000], ids=["lists", "tables"])
def test_json_that_is_nested_without_end_is_refused(page: str) -> None:
    with pytest.raises(FailureError, match="its JSON page is not what PEP 691 describes"):
        read_page(page.encode(), "application/json", URL, lambda _: True)


@pytest.mark.parametrize(
    "href", ["file:///etc/demo-1.0-py3-none-any.whl", "http://h:99999/demo-1.0-py3-none-any.whl"]
)
def test_a_page_from_the_network_names_no_file_of_this_machine(href: str) -> None:
    page = f'<a href="{href}">x</a><a href="demo-1.0-py3-none-any.whl">y</a>'
    assert len(read_page(page.encode(), "text/html", URL, lambda _: True)) == 1


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ('<a href="demo-1.0-py3-none-any.whl#sha256=ab">x</a>', r"whl: its sha256 is none \(sha256=ab\)"),
        ('<meta name="pypi:repository-version" content="2.0">', r"version 2\.0 of the Simple API"),
        ("<![" * 10, "its HTML page cannot be read"),
    ],
    ids=["hash", "version", "markup"],
)
def test_what_html_says_and_cannot_be_is_refused(page: str, reason: str) -> None:
    with pytest.raises(FailureError, match=reason):
        read_page(page.encode(), "text/html", URL, lambda _: True)


def test_tags_without_an_end_are_not_looked_for_again_and_again() -> None:
    assert read_page(b"<a " * 300_000, "text/html", URL, lambda _: True) == []


def test_a_file_name_that_stands_for_millions_of_tags_is_passed_over() -> None:
    many = [".".join(f"{kind}{number}" for number in range(300)) for kind in ("py", "abi", "os")]
    names = [
        f"demo-1.0-{'-'.join(many)}.whl",
        f"demo-1.0-{'9' * 5000}-py3-none-any.whl",
        "demo-1.0-py3-none-a\x1b.whl",
    ]
    assert wheels([ProjectFile(name, "", {}) for name in names]) == []
    assert not Wanted("demo", Version("1.0"))(f"demo-1.{'9' * 5000}-py3-none-any.whl")
