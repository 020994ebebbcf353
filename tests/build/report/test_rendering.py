"""A difference in text, Markdown and JSON; nothing that a layer says is more than text in Markdown."""

from __future__ import annotations

import html
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.console import size_of
from build.report.described import Package
from build.report.difference import difference
from build.report.rendering import as_json, escaped, markdown, text

from .layers import described

OLD = described(Package("one", "1.0", 1000, 3), Package("two", "1.0", 5, 1), unzipped_size=1005)
NEW = described(
    Package("one", "1.1", 3500, 4),
    Package("three", "2.0", 7, 1),
    digest="b" * 64,
    unzipped_size=3507,
    options={"slim": True},
)


def test_text_says_why_and_then_what() -> None:
    assert text(difference(OLD, NEW)).splitlines() == [
        "the digest changed: one 1.0 → 1.1; added three 2.0; removed two 1.0; slim: none → yes",
        "  added    three  2.0        7 B, 1 file",
        "  removed  two    1.0        5 B, 1 file",
        "  changed  one    1.0 → 1.1  +2.5 kB, +1 file",
        "  slim: none → yes",
        "  unzipped: 1.0 kB → 3.5 kB (+2.5 kB)",
        "  digest: aaaaaaaaaaaa → bbbbbbbbbbbb",
    ]


def test_markdown_is_tables_under_the_reason() -> None:
    lines = markdown(difference(OLD, NEW)).splitlines()
    assert lines[0].startswith("**the digest changed&#58; one 1.0 → 1.1")
    assert "| changed | one | 1.0 → 1.1 | +2.5 kB, +1 file |" in lines
    assert "| slim | none | yes |" in lines


def test_json_has_both_sides_and_every_package() -> None:
    found = json.loads(json.dumps(as_json(difference(OLD, NEW))))
    assert list(found) == ["same", "reason", "before", "after", "added", "removed", "changed", "settings"]
    assert [each["name"] for each in found["added"]] == ["three"]
    assert found["changed"][0]["before"]["version"] == "1.0"
    assert found["settings"] == [{"name": "slim", "before": None, "after": True}]


@pytest.mark.parametrize(
    "hostile",
    ["a|b", "@someone", "#12", "<script>", "[x](y)", "`code`", "**b**", "www.example", "https://x", "a\nb"],
)
def test_hostile_names_stay_text(hostile: str) -> None:
    layer = described(Package(hostile, "1", 1, 1), digest="b" * 64)
    written = markdown(difference(OLD, layer))
    for line in written.splitlines()[2:]:
        assert hostile not in line
        assert line.count("|") in {0, 4, 5}


@given(st.text())
def test_an_escaped_text_is_one_line_without_anything_special(given: str) -> None:
    written = escaped(given)
    assert "\n" not in written
    assert not set(written) & set("|`<>@[]*_~$^\\")


@pytest.mark.parametrize(
    "reference", ["@someone", "owner/repo#12", "GH-12", "gh-12", "www.example.org", "https://x.y", "a@b.org"]
)
def test_no_reference_or_address_is_left_once_entities_are_characters(reference: str) -> None:
    read = html.unescape(escaped(reference))
    assert read.replace("\u200b", "") == reference
    assert not re.search(r"@\w|#\d|gh-\d|www\.\w|://", read, re.IGNORECASE)


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (262_144_000, "262.1 MB")]
)
def test_sizes_are_told_in_the_unit_that_they_fill(size: int, said: str) -> None:
    assert size_of(size) == said


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\u202egnp", "a\nb", "\x9b31m"])
def test_a_terminal_obeys_nothing_that_a_layer_says(hostile: str) -> None:
    layer = described(Package(hostile, hostile, 1, 1), digest="b" * 64)
    written = text(difference(OLD, layer))
    assert all(line.isprintable() for line in written.split("\n"))
    assert len(written.splitlines()) == 5


def test_an_interpreter_is_told_by_its_version() -> None:
    old = described(options={"bytecode": {"magic": 3531, "python": "3.12.7"}})
    new = described(options={"bytecode": {"magic": 3531, "python": "3.12.8"}}, digest="b" * 64)
    assert difference(old, new).reason() == "the digest changed: bytecode: 3.12.7 → 3.12.8"
