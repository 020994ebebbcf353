from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from local.functions.answers import failure
from local.functions.constraints import compiled, faults_of
from local.functions.errors import LambdaError
from local.functions.protocol import find_operation, parameters_of, service_model

FUNCTION = "arn:aws:lambda:us-west-2:123456789012:function:echo"


def request(method: str, path: str, body: Any = None) -> Request:
    data = body if isinstance(body, bytes) else json.dumps(body)
    return Request(EnvironBuilder(method=method, path=path, data=data if body else None).get_environ())


def parameters(method: str, path: str, body: Any = None) -> dict[str, Any]:
    asked = request(method, path, body)
    operation = find_operation(asked)
    assert operation is not None
    return parameters_of(operation, asked)


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/2018-10-31/layers", "ListLayers"),
        ("GET", "/2018-10-31/layers?find=LayerVersion&Arn=x", "GetLayerVersionByArn"),
        ("POST", "/2015-03-31/functions/", "CreateFunction"),
        ("GET", f"/2015-03-31/functions/{FUNCTION}/versions", "ListVersionsByFunction"),
        (
            "GET",
            "/2019-09-30/functions/f/provisioned-concurrency?List=ALL",
            "ListProvisionedConcurrencyConfigs",
        ),
        ("GET", "/2019-09-30/functions/f/provisioned-concurrency", "GetProvisionedConcurrencyConfig"),
        ("GET", f"/2017-03-31/tags/{FUNCTION}", "ListTags"),
        ("GET", "/bucket/key", None),
    ],
)
def test_method_path_and_query_tell_the_operation(method: str, path: str, name: str | None) -> None:
    found = find_operation(request(method, path))
    assert (found.name if found else None) == name


def test_every_operation_of_the_model_is_found_by_its_own_request() -> None:
    for name in service_model().operation_names:
        http = service_model().operation_model(name).http
        found = find_operation(request(http["method"], http["requestUri"].replace("{", "").replace("}", "")))
        assert found is not None
        assert found.name == name


def test_parameters_come_from_path_query_and_body_in_snake_case() -> None:
    body = {"StatementId": "s", "Action": "lambda:GetLayerVersion", "Principal": "*", "Unknown": 1}
    given = parameters("POST", "/2018-10-31/layers/deps/versions/7/policy?RevisionId=r", body)
    assert given == {
        "layer_name": "deps",
        "version_number": 7,
        "revision_id": "r",
        "statement_id": "s",
        "action": "lambda:GetLayerVersion",
        "principal": "*",
    }


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b"{", "InvalidRequestContentException", "Could not parse request body into json"),
        (b"[1]", "SerializationException", "not expected"),
        ({"Timeout": "3"}, "SerializationException", "Timeout: str found where integer is expected"),
        ({"Timeout": True}, "SerializationException", "Timeout: bool found"),
        ({"Code": {"ZipFile": "?"}}, "SerializationException", "Code.ZipFile is not base64"),
        ({"Timeout": 3}, "ValidationException", "Value null at 'functionName'"),
    ],
    ids=["no json", "no object", "text for a number", "truth for a number", "no base64", "missing"],
)
def test_what_cannot_be_read_is_told(body: Any, code: str, said: str) -> None:
    with pytest.raises(LambdaError, match=said) as raised:
        parameters("POST", "/2015-03-31/functions", body)
    assert raised.value.code == code


def test_secrets_are_not_repeated_in_messages() -> None:
    shape = service_model().shape_for("Environment")
    (fault,) = faults_of(shape, {"Variables": {"1": "hidden"}})
    assert "hidden" not in fault


@pytest.mark.parametrize(
    ("code", "status", "key", "kind"),
    [
        ("ResourceNotFoundException", 404, "Message", "User"),
        ("InvalidParameterValueException", 400, "message", "User"),
        ("ServiceException", 500, "Message", "Service"),
        ("ValidationException", 400, "message", None),
    ],
)
def test_errors_have_the_models_status_and_members(
    code: str, status: int, key: str, kind: str | None
) -> None:
    response = failure(LambdaError(code, "what happened"))
    assert response.status_code == status
    assert response.headers["x-amzn-ErrorType"] == code
    assert response.json == {key: "what happened"} | ({"Type": kind} if kind else {})


def test_every_pattern_of_the_model_can_be_checked() -> None:
    shapes = map(service_model().shape_for, service_model().shape_names)
    patterns = [shape.metadata["pattern"] for shape in shapes if "pattern" in shape.metadata]
    assert len(patterns) > 50
    for pattern in patterns:
        compiled(pattern)


def _values(shape: Shape) -> st.SearchStrategy[Any]:
    """Values of the right kinds, whatever their content."""
    if isinstance(shape, StructureShape):
        members: dict[str, Any] = {name: _values(member) for name, member in shape.members.items()}
        return st.fixed_dictionaries({}, optional=members)
    if isinstance(shape, ListShape):
        return st.lists(_values(shape.member), max_size=3)
    if isinstance(shape, MapShape):
        return st.dictionaries(st.text(max_size=5), _values(shape.value), max_size=3)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "string": st.text(max_size=10),
        "blob": st.binary(max_size=5).map(lambda content: content.hex()),
        "boolean": st.booleans(),
    }
    return kinds.get(shape.type_name, st.integers())


def _create() -> Iterator[tuple[str, Shape]]:
    shape = service_model().operation_model("CreateFunction").input_shape
    assert isinstance(shape, StructureShape)
    yield from shape.members.items()


@given(st.fixed_dictionaries({}, optional={name: _values(shape) for name, shape in _create()}))
def test_any_request_is_read_or_refused_with_a_lambda_error(body: dict[str, Any]) -> None:
    outcome = "read"
    try:
        parameters("POST", "/2015-03-31/functions", body)
    except LambdaError as error:
        outcome = error.code
    assert outcome in {"read", "ValidationException", "SerializationException"}
