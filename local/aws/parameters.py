"""The parameters of a request to one of moto's services, read by the SDK's description of the service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from botocore.model import OperationNotFoundError, StructureShape
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.utils import get_service_model
from werkzeug.wrappers import Request

from .operations import Named, service_model


def input_shape(named: Named) -> StructureShape | None:
    """The SDK's description of an operation's parameters, or None where it has none."""
    model = service_model(named.service)
    try:
        shape = model.operation_model(named.operation).input_shape if model is not None else None
    except OperationNotFoundError:
        return None
    return shape if isinstance(shape, StructureShape) else None


def parameters_of(named: Named, request: Request) -> Mapping[str, Any]:
    """Reads the parameters that are in a request's body.

    Args:
        named: what the request is.
        request: its body can be read again afterwards.

    Returns:
        The parameters by their names in the SDK; none where the body is not what it should be (which is for
        moto to tell) or is XML.
    """
    shape = input_shape(named)
    if shape is None or named.protocol not in {"json", "query", "rest-json"}:
        return {}
    body = request.get_data(parse_form_data=False)
    try:
        if named.protocol == "query":
            return _of_form(named, dict(parse_qsl(body.decode(), keep_blank_values=True)))
        given = json.loads(body or b"{}")
    except ValueError:
        return {}
    if not isinstance(given, dict):
        return {}
    names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
    return {names[name]: value for name, value in given.items() if name in names}


def _of_form(named: Named, form: Mapping[str, str]) -> Mapping[str, Any]:
    # moto's parser wants moto's own view of the description.
    model = get_service_model(named.service).operation_model(named.operation)
    request: Any = {"values": form}
    parsed: Mapping[str, Any] = PROTOCOL_PARSERS["query"](model).parse(request)
    return parsed
