"""A query is one JSON object of strings, and whatever else comes is refused in words that name it."""

from __future__ import annotations

import json

import pytest

from build.errors import UserError
from build.external.protocol import read_query, written_answer
from build.query import MOST_BYTES


@pytest.mark.parametrize("after", ["", "\n", "\r\n  "], ids=["nothing", "newline", "spaces"])
@pytest.mark.parametrize("before", ["", "\ufeff"], ids=["plain", "byte order mark"])
def test_an_object_of_strings_is_read(before: str, after: str) -> None:
    assert read_query(f'{before}{{"lock": "a b", "name": ""}}{after}'.encode()) == {"lock": "a b", "name": ""}


def test_what_go_escapes_is_read_as_it_was_meant() -> None:
    assert read_query(rb'{"exclude": "\u003ca\u003e \u0026 \u2028 \ud83d\ude00"}') == {
        "exclude": "<a> & \u2028 😀"
    }


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "has to be one JSON object.*it is nothing"),
        (b" \n", "it is nothing"),
        (b"{", "it is something else"),
        (b"lock=requirements.txt", "it is something else"),
        (b'{"lock": "a"} {}', "it is something else"),
        (b'{"lock": ' + b"9" * 5000 + b"}", "it is something else"),
        (b'{"a":' * 100_000, "it is something else"),
        (b"[]", "JSON, but no object"),
        (b'"lock"', "JSON, but no object"),
        (b"null", "JSON, but no object"),
        (b'{"lock": "\xff"}', "not UTF-8 .byte 10"),
        ('{"lock": "a"}'.encode("utf-16"), "not UTF-8 .byte 0"),
        (b" " * (MOST_BYTES + 1), "longer than 1 MiB"),
    ],
    ids=[
        *("empty", "blank", "cut off", "no JSON", "two", "huge number", "deep", "list", "string", "null"),
        *("odd byte", "UTF-16", "huge"),
    ],
)
def test_what_is_no_object_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(UserError, match=told):
        read_query(content)


def test_every_value_that_is_no_string_is_named_with_what_to_write() -> None:
    odd = b'{"a": 5, "b": true, "c": null, "d": ["x"], "e": {"f": "g"}, "h": [], "i": "fine"}'
    with pytest.raises(UserError) as refused:
        read_query(odd)
    assert [fault.partition(";")[0] for fault in refused.value.faults] == [
        *("a is a number", "b is true or false", "c is null", "d is a list", "e is an object", "h is a list")
    ]
    assert 'write "5"' in refused.value.faults[0]
    assert 'write "true"' in refused.value.faults[1]
    assert "jsonencode" in refused.value.faults[3]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"lock": "a", "lock": "b"}', "lock is given twice"),
        (rb'{"lock": "a\u0000b"}', "lock has a character"),
        (rb'{"lock": "\ud800"}', "lock has a character"),
        (rb'{"\ud800": "a"}', r"\\ud800 has a character"),
    ],
    ids=["twice", "NUL", "half a pair", "half a pair in a key"],
)
def test_odd_members_are_refused_by_name(content: bytes, told: str) -> None:
    with pytest.raises(UserError, match=told):
        read_query(content)


def test_an_answer_is_one_line_of_ascii() -> None:
    text = written_answer({"zip": "öffentlich/€.zip", "summary": "two\nlines"})
    assert text.isascii()
    assert text.count("\n") == 1
    assert json.loads(text) == {"zip": "öffentlich/€.zip", "summary": "two\nlines"}
