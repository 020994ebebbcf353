"""Property paths: what they lead to, and what is put back; most cases are from properties_path_test.go."""

from __future__ import annotations

from typing import Any

import pytest

from local.engine.paths import Path, contains, parse, with_ignored
from local.engine.values import secret

from .conftest import Demo


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("root", ("root",)),
        ("root.nested", ("root", "nested")),
        ('root["nested"]', ("root", "nested")),
        ("root.array[0].nested", ("root", "array", 0, "nested")),
        ('root["key with \\"escaped\\" quotes"]', ("root", 'key with "escaped" quotes')),
        ('["root key with a ."][100]', ("root key with a .", 100)),
        ("root.array[*].field", ("root", "array", "*", "field")),
        ("root.[0]", ("root", 0)),
        ("", ()),
    ],
)
def test_a_path_is_read_as_pulumi_writes_it(text: str, path: Path) -> None:
    assert parse(text) == path


@pytest.mark.parametrize("text", [".a", "a.", 'a["b', 'a["b"', "a[", "a[b]", "a[1_0]"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a path of properties"):
        parse(text)


@pytest.mark.parametrize(
    ("path", "other", "held"),
    [
        ('foo["bar"][1]', "foo.bar[1].baz", True),
        ("foo.*.baz", "foo.bar.baz.bam", True),
        ("*", "any.path", True),
        ("foo.bar.baz", "foo.bar", False),
        ("foo[1]", "foo[2]", False),
    ],
)
def test_a_path_contains_what_lies_inside(path: str, other: str, held: bool) -> None:
    assert contains(parse(path), parse(other)) is held


@pytest.mark.parametrize(
    ("ignored", "old", "wanted", "kept"),
    [
        ("a", {"a": 1}, {"a": 2}, {"a": 1}),
        ("a", {}, {"a": 2}, {}),
        ("a", {"a": 1}, {}, {"a": 1}),
        ("*", {"a": 1}, {"b": 2}, {"a": 1}),
        ('t["x"]', {"t": {"x": 1, "y": 1}}, {"t": {"x": 2, "y": 2}}, {"t": {"x": 1, "y": 2}}),
        ('t["x"]', {"t": {}}, {"t": {"x": 2}}, {"t": {}}),
        (
            "a.b[0].c",
            {"a": {"b": [{"c": 1}]}},
            {"a": {"b": [{"c": 2, "d": 2}]}},
            {"a": {"b": [{"c": 1, "d": 2}]}},
        ),
        ("l[*].c", {"l": [{"c": 1}, {"c": 1}]}, {"l": [{"c": 2}, {"c": 3}]}, {"l": [{"c": 1}, {"c": 1}]}),
        ("l[*]", {"l": [1, 2]}, {"l": [3, 4]}, {"l": [1, 2]}),
        ("a.b", {"a": secret({"b": 1})}, {"a": {"b": 2}}, {"a": {"b": secret(1)}}),
        ("a.b.c", {}, {}, {}),
        ("no[", {"no": 1}, {"no": 2}, {"no": 2}),
    ],
)
def test_what_is_ignored_is_as_it_was(ignored: str, old: Any, wanted: Any, kept: Any) -> None:
    assert with_ignored(wanted, old, [ignored]) == (kept, [])


@pytest.mark.parametrize(
    ("ignored", "old", "wanted"),
    [
        ("l[1]", {"l": [1]}, {"l": [1, 2]}),
        ("l[*]", {"l": [1]}, {"l": [1, 2]}),
        ("a.b.c", {"a": {"b": {"c": 1}}}, {"a": {}}),
        ("a.b", {"a": {"b": 1}}, {"a": 1}),
        ("l[-1]", {"l": [1]}, {"l": [1]}),
    ],
)
def test_what_was_added_or_removed_cannot_be_ignored(ignored: str, old: Any, wanted: Any) -> None:
    assert with_ignored(wanted, old, [ignored]) == (wanted, [ignored])


def test_changes_at_a_nested_path_are_ignored_and_others_are_made(demo: Demo) -> None:
    demo.up('thing("a", tags={"x": 1, "y": 1})')
    ignoring = 'opts=Opts(ignore_changes=[\'tags["x"]\', "list[0]"]))'
    assert demo.up(f'thing("a", tags={{"x": 2, "y": 1}}, {ignoring}') == []
    assert demo.up(f'thing("a", tags={{"x": 2, "y": 2}}, list=[1], {ignoring}') == ["update a"]
    assert demo.state()["a"]["inputs"]["tags"] == {"x": 1, "y": 2}
