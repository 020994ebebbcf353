"""API Gateway's answers about HTTP APIs, with endpoints that really answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
from .http_api import MOUNT

API_PATH = re.compile(r"/v2/apis(/[^/]+)?")


def with_local_endpoints(application: WSGIApplication, endpoint: str) -> WSGIApplication:
    """Wraps moto's application so that the ApiEndpoint of an HTTP API is one that answers here.

    Args:
        application: serves API Gateway's control plane.
        endpoint: the URL of the embedded AWS, without a slash at its end.

    Returns:
        An application that changes answers to calls on APIs and hands on all others untouched.
    """

    def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        ours = "/apigateway/" in request.headers.get("Authorization", "")
        if not ours or not API_PATH.fullmatch(request.path):
            return application(environ, start_response)
        response = Response.from_app(application, environ, buffered=True)
        if response.status_code < 300 and response.get_data():
            answer = json.loads(response.get_data())
            for api in answer.get("items", [answer]):
                if "apiEndpoint" in api:
                    api["apiEndpoint"] = f"{endpoint}{MOUNT}/{api['apiId']}"
            response.set_data(json.dumps(answer))
        return response(environ, start_response)

    return wrapped
