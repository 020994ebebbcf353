"""Lambda's protocol: which operation a request is, and its parameters.

Everything here follows botocore's model of the service (`service-2.json`), the description that the SDKs are
made of, so it covers every operation that the SDK knows, served here or not.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import (
    ListShape,
    MapShape,
    OperationModel,
    ServiceModel,
    Shape,
    StructureShape,
)
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request

from .constraints import faults_of
from .errors import LambdaError, broken_constraints


@dataclass(frozen=True, slots=True)
class Operation:
    """A request's operation and the labels of its path."""

    model: OperationModel
    labels: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Such as `PublishLayerVersion`."""
        return self.model.name


@cache
def service_model() -> ServiceModel:
    """The SDK's description of Lambda."""
    return botocore.session.get_session().get_service_model("lambda")


@cache
def _routes() -> Map:
    model = service_model()
    rules = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path = http["requestUri"].partition("?")[0].replace("{", "<").replace("}", ">")
        rules.append(Rule(path, methods=[http["method"]], endpoint=f"{http['method']} {path}"))
    return Map(rules, strict_slashes=False, merge_slashes=False)


@cache
def _operations_at(endpoint: str) -> tuple[OperationModel, ...]:
    """Gives the operations of one path and method, those first that also want something of the query."""
    models = map(service_model().operation_model, service_model().operation_names)
    here = [model for model in models if _endpoint(model) == endpoint]
    return tuple(sorted(here, key=lambda model: "?" not in model.http["requestUri"]))


def find_operation(request: Request) -> Operation | None:
    """Tells which operation a request is.

    Args:
        request: of any kind.

    Returns:
        The operation, or None when it is none of Lambda's.
    """
    try:
        endpoint, labels = _routes().bind("lambda").match(request.path, method=request.method)
    except HTTPException:
        return None
    for model in _operations_at(str(endpoint)):
        wanted = model.http["requestUri"].partition("?")[2]
        if not wanted or request.args.get(wanted.partition("=")[0]) == wanted.partition("=")[2]:
            return Operation(model, labels)
    return None


def parameters_of(operation: Operation, request: Request) -> dict[str, Any]:
    """Reads and checks a request's parameters.

    Args:
        operation: what `find_operation` found.
        request: its request.

    Returns:
        The parameters that were given, by their names in snake case (as boto3 forms its method names);
        structures within them keep the model's names; blobs are bytes.

    Raises:
        LambdaError: something is missing, of the wrong kind, or breaks a constraint of the model.
    """
    shape = operation.model.input_shape
    if shape is None:
        return {}
    payload = shape.serialization.get("payload")
    body = {} if payload else _json_body(request)
    given: dict[str, Any] = {}
    for name, member in shape.members.items():
        if name == payload:
            value: Any = request.get_data()
        else:
            value = _located(member, name, operation, request, body)
        if value is not None:
            given[name] = value
    if faults := list(faults_of(shape, given)):
        raise broken_constraints(faults)
    return {xform_name(name): value for name, value in given.items()}


def _endpoint(model: OperationModel) -> str:
    path = model.http["requestUri"].partition("?")[0].replace("{", "<").replace("}", ">")
    return f"{model.http['method']} {path}"


def _json_body(request: Request) -> Mapping[str, Any]:
    data = request.get_data()
    if not data:
        return {}
    try:
        body = json.loads(data)
    except ValueError as error:
        raise LambdaError(
            "InvalidRequestContentException", f"Could not parse request body into json: {error}"
        ) from error
    if not isinstance(body, dict):
        raise LambdaError("SerializationException", "Start of structure or map found where not expected.")
    return body


def _located(
    member: Shape, name: str, operation: Operation, request: Request, body: Mapping[str, Any]
) -> Any:
    location = member.serialization.get("location")
    wire = member.serialization.get("name", name)
    if location is None:
        return _decoded(member, body[wire], wire) if body.get(wire) is not None else None
    if location == "querystring" and isinstance(member, ListShape):
        return request.args.getlist(wire) or None
    if location == "header":
        text = request.headers.get(wire)
    else:
        text = (operation.labels if location == "uri" else request.args).get(wire)
    return None if text is None else _from_text(member, text, wire)


def _from_text(shape: Shape, text: str, where: str) -> Any:
    try:
        if shape.type_name in {"integer", "long"}:
            return int(text)
    except ValueError as error:
        raise LambdaError("SerializationException", f"{where}: {text!r} is no number") from error
    if shape.type_name == "boolean":
        return text == "true"
    return text


_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "float": (int, float),
    "timestamp": (int, float, str),
    "boolean": (bool,),
    "blob": (str,),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
}


def _decoded(shape: Shape, value: Any, where: str) -> Any:
    """Checks kinds all the way down and decodes blobs; drops nulls and members that the model lacks."""
    if type(value) not in _KINDS[shape.type_name]:
        raise LambdaError(
            "SerializationException",
            f"{where}: {type(value).__name__} found where {shape.type_name} is expected",
        )
    if isinstance(shape, StructureShape):
        return {
            name: _decoded(member, value[name], f"{where}.{name}")
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [_decoded(shape.member, item, f"{where}[{number}]") for number, item in enumerate(value)]
    if isinstance(shape, MapShape):
        return {key: _decoded(shape.value, item, f"{where}.{key}") for key, item in value.items()}
    return _blob(value, where) if shape.type_name == "blob" else value


def _blob(text: str, where: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise LambdaError("SerializationException", f"{where} is not base64: {error}") from error
