"""Errors of the front itself, in the form in which the clients of each protocol expect them."""

from __future__ import annotations

import json
import uuid
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from .operations import Named


def not_served(named: Named) -> Response:
    """An operation that neither moto nor our Lambda service has.

    Args:
        named: the operation.
    """
    message = f"The embedded AWS does not serve {named.operation} of {named.service}"
    return refusal(named, 501, "NotImplemented", message)


def failed(named: Named, error: Exception) -> Response:
    """An operation that broke where it should not.

    Args:
        named: the operation.
        error: what happened.
    """
    message = f"{named.operation} of {named.service} failed in the embedded AWS: {error!r}"
    return refusal(named, 500, "InternalFailure", message)


def refusal(named: Named, status: int, code: str, message: str) -> Response:
    """An error in the form of the operation's protocol.

    Args:
        named: the operation.
        status: the HTTP status.
        code: AWS's name of the error.
        message: what it says.
    """
    request_id = str(uuid.uuid4())
    if named.protocol in {"json", "rest-json"}:
        response = Response(
            json.dumps({"__type": code, "message": message}),
            status,
            content_type="application/x-amz-json-1.1",
        )
        response.headers["x-amzn-ErrorType"] = code
    else:
        inner = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
        body = (
            f"<Error>{inner}<RequestId>{request_id}</RequestId></Error>"
            if named.protocol == "rest-xml"
            else f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        response = Response(f'<?xml version="1.0"?>\n{body}', status, content_type="text/xml")
    response.headers["x-amzn-RequestId"] = request_id
    return response
