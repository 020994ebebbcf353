"""Lambda's protocol: answers and errors on the wire, as botocore's model of the service has them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from botocore.model import (
    StructureShape,
)
from werkzeug.wrappers import Response

from .errors import LambdaError
from .protocol import Operation, service_model

# What the model does not list: the front end of AWS raises these for every service.
COMMON_STATUS = {
    "ValidationException": 400,
    "SerializationException": 400,
    "AccessDeniedException": 403,
    "UnknownOperationException": 404,
    "NotImplemented": 501,
}


def answer(operation: Operation, result: Mapping[str, Any]) -> Response:
    """Forms the response of an operation.

    Args:
        operation: the operation.
        result: the members of its output; those that are None are left out. `StatusCode` and members that
            the model puts into headers go where the model says.

    Returns:
        The response.
    """
    shape = operation.model.output_shape
    response = Response(status=operation.model.http.get("responseCode", 200))
    payload = shape.serialization.get("payload") if shape is not None else None
    body = {}
    members = shape.members if shape is not None else {}
    for name, value in result.items():
        if value is None or name not in members:
            continue
        member = members[name]
        location = member.serialization.get("location")
        if location == "header":
            response.headers[member.serialization["name"]] = str(value)
        elif location == "statusCode":
            response.status_code = value
        elif name != payload:
            body[name] = _encoded(value)
    if payload is not None:
        response.set_data(result.get(payload) or b"")
    elif response.status_code != 204:
        response.set_data(json.dumps(body))
    response.content_type = "application/json"
    return response


def failure(error: LambdaError) -> Response:
    """Forms the response of a failed operation.

    Args:
        error: what went wrong.

    Returns:
        The response, with the status and the message's name that the model has for this error.
    """
    status, key, sender = COMMON_STATUS.get(error.code, 400), "message", True
    for shape in service_model().error_shapes:
        if shape.name == error.code and isinstance(shape, StructureShape):
            status = shape.metadata["error"]["httpStatusCode"]
            sender = bool(shape.metadata["error"].get("senderFault"))
            key = "Message" if "Message" in shape.members else "message"
    body = {key: error.message, **error.details}
    if error.code not in COMMON_STATUS:
        body["Type"] = "User" if sender else "Service"
    response = Response(json.dumps(body), status=status, content_type="application/json")
    response.headers["x-amzn-ErrorType"] = error.code
    response.headers["x-amzn-RequestId"] = str(uuid.uuid4())
    return response


def _encoded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _encoded(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_encoded(item) for item in value]
    return value
