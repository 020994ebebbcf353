from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.aws.http_routes import choose_route, choose_stage

# The example of AWS docs, "Create routes for HTTP APIs in API Gateway", and one key more for each kind.
KEYS = [
    "GET /pets/dog/1",
    "GET /pets/dog/{id}",
    "GET /pets/{proxy+}",
    "ANY /{proxy+}",
    "ANY /pets/dog/1",
    "$default",
]


@pytest.mark.parametrize(
    ("method", "path", "chosen", "parameters"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1", {}),
        ("POST", "/pets/dog/1", "ANY /pets/dog/1", {}),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}", {"id": "2"}),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}", {"proxy": "cat/1"}),
        ("POST", "/test/5", "ANY /{proxy+}", {"proxy": "test/5"}),
        ("GET", "/", "$default", {}),
    ],
)
def test_the_most_specific_route_wins(
    method: str, path: str, chosen: str, parameters: dict[str, str]
) -> None:
    match = choose_route(method, path, KEYS)
    assert match is not None
    assert (match.key, match.path_parameters) == (chosen, parameters)


@given(st.permutations(KEYS))
def test_the_order_of_the_routes_does_not_matter(keys: list[str]) -> None:
    for path in ("/pets/dog/1", "/pets/dog/2", "/pets/x", "/x", "/"):
        assert choose_route("GET", path, keys) == choose_route("GET", path, KEYS)


def test_a_route_for_another_method_or_length_does_not_match() -> None:
    assert choose_route("GET", "/a", ["POST /a", "GET /a/b", "GET /a/{b}", "GET /a/{b+}"]) is None


def test_a_policy_sees_the_method_and_the_path_of_the_route() -> None:
    match = choose_route("PUT", "/pets/1", ["ANY /pets/{id}"])
    assert match is not None
    assert match.source("PUT") == "PUT/pets/{id}"


def test_a_policy_sees_the_default_route_by_its_name() -> None:
    match = choose_route("PUT", "/pets/1", ["$default"])
    assert match is not None
    assert match.source("PUT") == "$default"


@pytest.mark.parametrize(
    ("path", "stages", "chosen"),
    [
        ("/prod/x", ["$default", "prod"], ("prod", "/x")),
        ("/prod", ["prod"], ("prod", "/")),
        ("/x/prod", ["$default", "prod"], ("$default", "/x/prod")),
        ("/$default/x", ["$default"], ("$default", "/$default/x")),
        ("/x", ["prod"], None),
    ],
)
def test_the_stage_is_the_first_part_of_the_path_or_the_default(
    path: str, stages: list[str], chosen: tuple[str, str] | None
) -> None:
    assert choose_stage(path, stages) == chosen
