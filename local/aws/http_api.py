"""The data plane of HTTP APIs (API Gateway v2): requests to `/_execute-api/<api-id>/<path>` invoke functions.

The front mounts two things. Requests to the APIs go to an `HttpApis`, everything else to moto's application
behind `with_local_endpoints`, so that CreateApi, GetApi, GetApis and UpdateApi give an ApiEndpoint that
really answers:

    apis = HttpApis(invoke=service.invoke, policy=service.policy)
    application = DispatcherMiddleware(with_local_endpoints(moto, endpoint), {MOUNT: apis})

`invoke(function_arn, payload)` gets the ARN as the integration has it (with its qualifier, if any) and gives
an object with `payload` and `error`. When the function does not exist, is throttled or the like, it raises:
the client gets `Internal Server Error` and the log a traceback, or one line for an `IntegrationError`.
`policy(function_arn)` gives the resource policy document of exactly that function, version or alias, or None.
APIs, routes, integrations and stages are read from moto's backend in this process, whatever account and
region they are in. What API Gateway would serve and this does not is answered with 501 and a message that
names it.
"""

from __future__ import annotations

import base64
import concurrent.futures
import datetime as dt
import json
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from moto.apigatewayv2.models import Api, apigatewayv2_backends
from werkzeug.wrappers import Request, Response

from . import http_access_log, http_cors
from .http_event import Call, event_of
from .http_integration import IntegrationError, NotServedError, Target, function_arn_of, integration_of
from .http_response import MalformedAnswerError, OwnResponse, response_of
from .http_routes import choose_route, choose_stage
from .resource_policy import permits

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LOG = logging.getLogger(__name__)
MOUNT = "/_execute-api"
SERVICE = "apigateway.amazonaws.com"
MAX_BODY = 10 * 1024 * 1024  # AWS docs, "Quotas for configuring and running an HTTP API", "Payload size"
MAX_SECONDS = 30.0  # the same page, "Maximum integration timeout"


class Answer(Protocol):
    """What an invocation comes to; `local.runtime.deployment.InvocationResult` is one."""

    @property
    def payload(self) -> bytes:
        """The function's answer as JSON, or the error object."""

    @property
    def error(self) -> str | None:
        """The kind of error of the function, or None."""


Invoke = Callable[[str, bytes], Answer]
PolicyOf = Callable[[str], Mapping[str, Any] | None]


class HttpApis:
    """A WSGI application that serves every HTTP API of moto's backend, to be mounted at `MOUNT`.

    Args:
        invoke: invokes a function and waits for its answer.
        policy: gives the resource policy of a function, version or alias.
        max_seconds: how long an integration may take at most.
    """

    def __init__(self, invoke: Invoke, policy: PolicyOf, *, max_seconds: float = MAX_SECONDS) -> None:
        self._invoke = invoke
        self._policy = policy
        self._max_seconds = max_seconds
        self._invocations = concurrent.futures.ThreadPoolExecutor(32, thread_name_prefix="http-api")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request (PEP 3333); PATH_INFO begins with the id of the API."""
        request = Request(environ)
        api_id, _, rest = request.path.removeprefix("/").partition("/")
        response = self._respond(api_id, f"/{rest}", request)
        return response(environ, start_response)

    def _respond(self, api_id: str, path: str, request: Request) -> Response:
        found = _find_api(api_id)
        if found is None:
            return OwnResponse(404, "Not Found")
        account, region, api = found
        cors = _cors(api)
        preflight = http_cors.preflight(cors, request)
        if preflight is not None:
            return preflight
        chosen = None if api.disable_execute_api_endpoint else choose_stage(path, _deployed_stages(api))
        if chosen is None:
            return OwnResponse(404, "Not Found")
        routes = {route.route_key: route for route in api.routes.values()}
        match = choose_route(request.method, chosen[1], routes)
        response: Response = OwnResponse(404, "Not Found")
        if match is not None:
            target = Target(account, region, api, api.stages[chosen[0]], routes[match.key], match)
            response = self._serve(target, path, request)
        http_cors.complete(cors, request, response)
        return response

    def _serve(self, target: Target, path: str, request: Request) -> Response:
        begun = time.monotonic()
        call = _call(target, path, request)
        facts: dict[str, Any] = {}
        try:
            response = self._integrate(target, call, facts)
        except NotServedError as error:
            response = OwnResponse(501, f"the local HTTP API does not serve {error}")
        except (IntegrationError, MalformedAnswerError) as error:
            LOG.warning("%s %s %s: %s", call.api_id, request.method, path, error)
            facts["error"] = str(error)
            response = OwnResponse(500, "Internal Server Error")
        except TimeoutError:
            facts["error"] = "the integration timed out"
            response = OwnResponse(503, "Service Unavailable")
        except Exception as error:
            LOG.exception("%s %s %s", call.api_id, request.method, path)
            facts["error"] = str(error)
            response = OwnResponse(500, "Internal Server Error")
        response.headers["Apigw-Requestid"] = call.request_id
        latency = _milliseconds_since(begun)
        values = http_access_log.values_of(call, response, latency=latency, integration=facts)
        http_access_log.write(target.stage.access_log_settings, call, values)
        return response

    def _integrate(self, target: Target, call: Call, facts: dict[str, Any]) -> Response:
        integration = integration_of(target)
        function_arn = function_arn_of(integration)
        if (call.request.content_length or 0) > MAX_BODY:
            return OwnResponse(413, "Request Entity Too Large")
        if not integration.credentials_arn:
            self._check_permission(target, function_arn, call.request.method)
        begun = time.monotonic()
        seconds = min((integration.timeout_in_millis or 30_000) / 1000, self._max_seconds)
        running = self._invocations.submit(self._invoke, function_arn, json.dumps(event_of(call)).encode())
        answer = running.result(seconds)
        facts |= {"latency": _milliseconds_since(begun), "status": 200}
        if answer.error is not None:
            raise IntegrationError(f"{function_arn} failed: {answer.payload.decode(errors='replace')[:1000]}")
        return response_of(answer.payload)

    def _check_permission(self, target: Target, function_arn: str, method: str) -> None:
        source = (
            f"arn:aws:execute-api:{target.region}:{target.account}:{target.api.api_id}"
            f"/{target.stage.name}/{target.match.source(method)}"
        )
        policy = self._policy(function_arn)
        if not permits(policy, service=SERVICE, resource=function_arn, source_arn=source):
            raise IntegrationError(
                f"the policy of {function_arn} does not let {SERVICE} invoke it for {source}"
            )


def _find_api(api_id: str) -> tuple[str, str, Api] | None:
    for account, region, apis in _all_apis():
        api = apis.get(api_id)
        if api is not None and api.protocol_type == "HTTP":
            return account, region, api
    return None


def _all_apis() -> Iterator[tuple[str, str, Mapping[str, Api]]]:
    for account, regions in list(apigatewayv2_backends.items()):
        for region, backend in list(regions.items()):
            yield account, region, backend.apis


def _cors(api: Api) -> Mapping[str, Any] | None:
    configuration: Any = (
        api.cors_configuration
    )  # annotated as a string by moto, which stores the parsed object
    return configuration or None


def _deployed_stages(api: Api) -> list[str]:
    """Gives the stages that serve anything: those that deploy themselves, since moto has no deployments."""
    return [stage.name for stage in api.stages.values() if stage.auto_deploy]


def _call(target: Target, path: str, request: Request) -> Call:
    return Call(
        request=request,
        path=path,
        account=target.account,
        api_id=target.api.api_id,
        stage=target.stage.name,
        route_key=target.match.key,
        path_parameters=target.match.path_parameters,
        stage_variables=target.stage.stage_variables or {},
        request_id=base64.b64encode(secrets.token_bytes(11)).decode(),
        trace_id=f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}",
        time=dt.datetime.now(dt.UTC),
    )


def _milliseconds_since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
