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
