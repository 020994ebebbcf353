"""Policy documents as the real data source renders them."""

from __future__ import annotations

import json

import pytest

from local.provider.errors import ProviderError
from local.provider.policy_document import policy_text, render, same_json

STATEMENT = {"sid": "Read", "actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::b/&{aws:username}"]}


def test_document_is_rendered_in_its_order_with_lone_values_as_text() -> None:
    found = render(
        {"statements": [{**STATEMENT, "principals": [{"type": "AWS", "identifiers": ["1", "2"]}]}]}
    )
    assert found["minifiedJson"] == (
        '{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject",'
        '"Resource":"arn:aws:s3:::b/${aws:username}","Principal":{"AWS":["2","1"]}}]}'
    )
    assert found["json"].startswith('{\n  "Version": "2012-10-17",\n  "Statement": [\n')
    assert found["id"].isdigit()


def test_longer_lists_are_sorted_downwards_and_condition_values_keep_their_order() -> None:
    condition = {"test": "StringLike", "variable": "s3:prefix", "values": ["a", "b"]}
    found = render(
        {"statements": [{"actions": ["a:1", "b:2"], "resources": ["*"], "conditions": [condition]}]}
    )
    statement = json.loads(found["json"])["Statement"][0]
    assert statement["Action"] == ["b:2", "a:1"]
    assert statement["Condition"] == {"StringLike": {"s3:prefix": ["a", "b"]}}


def test_everybody_is_a_star() -> None:
    statement = {"actions": ["*"], "principals": [{"type": "*", "identifiers": ["*"]}]}
    assert json.loads(render({"statements": [statement]})["json"])["Statement"][0]["Principal"] == "*"


def test_own_statements_replace_sources_and_overrides_replace_both() -> None:
    source = json.dumps(
        {"Statement": [{"Sid": "Read", "Effect": "Deny"}, {"Sid": "Other", "Effect": "Deny"}]}
    )
    override = json.dumps({"Statement": [{"Sid": "Other", "Effect": "Allow"}]})
    found = render(
        {"statements": [STATEMENT], "sourcePolicyDocuments": [source], "overridePolicyDocuments": [override]}
    )
    assert [each["Effect"] for each in json.loads(found["json"])["Statement"]] == ["Allow", "Allow"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"statements": [STATEMENT, STATEMENT]}, "duplicate Sid .Read."),
        ({"statements": [{"sid": "a b"}]}, "only hold letters and digits"),
        ({"sourcePolicyDocuments": ["{"]}, "is no JSON"),
    ],
    ids=["duplicate", "malformed sid", "no json"],
)
def test_wrong_document_is_refused_with_its_reason(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ProviderError, match=said):
        render(arguments)


def test_text_is_what_go_would_write() -> None:
    assert policy_text({"b": "<&>", "a": "é"}) == '{"a":"é","b":"\\u003c\\u0026\\u003e"}'
    assert policy_text("as it is ") == "as it is "
    assert policy_text(None) == ""


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ('{"Action": "a"}', '{"Action": ["a"]}', True),
        ('{"Action": ["a", "b"]}', '{"Action": ["b", "a"]}', True),
        ('{"Statement": {"a": 1}}', '{"Statement": [{"a": 1}]}', True),
        ('{"Action": "a"}', '{"Action": "b"}', False),
        ("no json", "no json", True),
        (None, "{}", False),
    ],
)
def test_equivalent_documents_are_the_same(left: str, right: str, same: bool) -> None:
    assert same_json(left, right) is same
