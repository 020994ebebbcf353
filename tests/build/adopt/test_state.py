"""States: both shapes hold the same, every address is Terraform's own, and what is no state is said so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from build.adopt.state import Found, read_state
from build.errors import UserError

from .states import DATA, State, resource


def read(content: Any) -> list[Found]:
    return read_state(json.dumps(content).encode(), "old.json")


def test_a_state_file_and_what_terraform_shows_of_it_hold_the_same() -> None:
    kept = read_state((DATA / "state.json").read_bytes(), "state")
    shown = read_state((DATA / "show.json").read_bytes(), "show")
    assert {each.address: each.text("id") for each in kept} == {
        each.address: each.text("id") for each in shown
    }
    assert len(kept) == 38


def test_data_sources_are_no_resources() -> None:
    assert "data" in {each["mode"] for each in State().content["resources"]}
    assert not [each for each in read(State().content) if ".data." in each.address]


@pytest.mark.parametrize(
    ("key", "index"),
    [
        (0, "[0]"),
        ("a.b", '["a.b"]'),
        ('say "no"', r'["say \"no\""]'),
        ("c:\\d", r'["c:\\d"]'),
        ("${x}%{y}", '["$${x}%%{y}"]'),
        ("größe", '["größe"]'),
        (None, ""),
    ],
    ids=["count", "dots", "quotes", "backslash", "template", "not ascii", "none"],
)
def test_addresses_are_written_as_terraform_writes_them(key: object, index: str) -> None:
    one = resource("aws_sqs_queue", "jobs") | {"module": 'module.a["b.c"].module.d[1]'}
    one["instances"][0]["index_key"] = key
    found = read({"version": 4, "terraform_version": "1.11.4", "resources": [one]})
    assert found[0].address == f'module.a["b.c"].module.d[1].aws_sqs_queue.jobs{index}'


def test_nested_modules_are_looked_into() -> None:
    inner = {
        "resources": [{"address": "module.a.module.b.x.y", "mode": "managed", "type": "x", "values": {}}]
    }
    root = {"child_modules": [{"child_modules": [inner]}]}
    found = read({"format_version": "1.0", "values": {"root_module": root}})
    assert [each.address for each in found] == ["module.a.module.b.x.y"]


@pytest.mark.parametrize("mark", [{"status": "tainted"}, {"deposed": "3f2a"}], ids=["tainted", "deposed"])
def test_tainted_and_deposed_objects_are_known(mark: dict[str, str]) -> None:
    one = resource("x", "y")
    one["instances"][0] |= mark
    found = read({"version": 4, "resources": [one]})[0]
    assert (found.tainted, found.deposed) == ("status" in mark, "deposed" in mark)


def test_no_value_shows_in_what_is_printed_of_a_resource() -> None:
    assert "s3cret" not in repr(Found("a.b", "a", {"password": "s3cret"}))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty"),
        (b"resource {", "it is no JSON"),
        (b"\xff\xfe\x00", "it is no JSON"),
        (b"[]", "it is a list and no object"),
        (b"{}", "it names no version of Terraform"),
        (b'{"version": 3, "modules": []}', "a state of version 3, and known is 4: `terraform refresh`"),
        (b'{"version": 5, "resources": []}', "a state of version 5, and known is 4: `terraform show"),
        (b'{"format_version": "2.0"}', "in the format 2.0"),
        (b'{"format_version": "1.0"}', "has no resources"),
        (b'{"version": 4, "resources": []}', "has no resources"),
        (b'{"version": 4, "resources": null}', "has no resources"),
        (b'{"encrypted_data": "x", "encryption_version": "v0"}', "is encrypted"),
        (b'{"format_version": "1.2", "planned_values": {}}', "is a plan and no state"),
        (
            b'{"version": 4, "resources": [{"mode": "managed"}]}',
            "is a damaged state: a type is missing; `terraform show -json` writes one anew",
        ),
        (
            b'{"version": 4, "resources": [7]}',
            "is a damaged state: one of resources is a number and no object",
        ),
        (b'{"version": 4, "resources": {"a": 1}}', "is a damaged state: resources is an object and no list"),
        (b'{"version": "4", "resources": []}', "is a damaged state: its version is a text and no number"),
        (b'{"format_version": 1}', "is a damaged state: a format_version is a number and no text"),
        (b'{"format_version": "1.0", "values": 7}', "is a damaged state: values is a number and no object"),
        (b'{"format_version": "1.0", "values": "str"}', "is a damaged state: values is a text and no object"),
        (b'{"version": 4, "resources": [], "x": ' + b"9" * 5_000 + b"}", "it is no JSON"),
        pytest.param(
            b"[" * 200_000, "it nests deeper than any; `terraform show -json` writes one", id="nested"
        ),
    ],
)
def test_what_is_no_state_to_adopt_is_said_with_what_it_is(content: bytes, told: str) -> None:
    with pytest.raises(UserError) as raised:
        read_state(content, "old.json")
    assert str(raised.value).startswith("old.json ")
    assert told in str(raised.value)


KEPT = {"mode": "managed", "type": "x", "name": "y", "instances": [{"attributes": {"password": "s3cret"}}]}
SHOWN = {"mode": "managed", "type": "x", "address": "x.y", "values": {"password": "s3cret"}}


@pytest.mark.parametrize("odd", [5, "s3cret", True, ["s3cret"], {"a": "s3cret"}, None], ids=repr)
@pytest.mark.parametrize(
    ("resource", "field"),
    [(one, field) for one in (KEPT, SHOWN) for field in one] + [(KEPT, "module"), (KEPT, "index_key")],
    ids=lambda each: each if isinstance(each, str) else ("kept" if each is KEPT else "shown"),
)
def test_a_field_of_another_type_is_told_by_its_name_and_never_by_its_value(
    resource: dict[str, Any], field: str, odd: object
) -> None:
    instance = {"instances": [{field: odd}]} if field == "index_key" else {field: odd}
    content = json.dumps([resource | instance])
    kept = f'{{"version": 4, "resources": {content}}}'
    shown = f'{{"format_version": "1.0", "values": {{"root_module": {{"resources": {content}}}}}}}'
    try:
        found = read_state((kept if resource is KEPT else shown).encode(), "old.json")
    except UserError as error:
        told = str(error)
        assert "s3cret" not in told
        assert field in told or "has no resources" in told
    else:
        assert all(isinstance(text, str) for each in found for text in (each.address, each.type))
        assert all(isinstance(each.values, dict) for each in found)


def test_modules_that_nest_too_deeply_are_told() -> None:
    module = '{"child_modules": [' * 900 + "{}" + "]}" * 900
    content = f'{{"format_version": "1.0", "values": {{"root_module": {module}}}}}'
    with pytest.raises(UserError, match=r"^old\.json "):
        read_state(content.encode(), "old.json")


def test_a_document_that_nests_too_deeply_is_none() -> None:
    assert Found("a.b", "a", {"policy": "[" * 200_000}).document("policy") == {}
