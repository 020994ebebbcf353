"""How each AWS service says no: the codes and statuses of throttling and outage, and of errors by name."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.wrappers import Response

from .operations import Named, error_status
from .refusals import refusal

# Each service's API reference, "Common errors" and the errors of its operations; S3: "Error responses".
_THROTTLING: Mapping[str, tuple[str, int]] = {
    "apigateway": ("TooManyRequestsException", 429),
    "events": ("ThrottlingException", 400),
    "lambda": ("TooManyRequestsException", 429),
    "logs": ("ThrottlingException", 400),
    "s3": ("SlowDown", 503),
    "sqs": ("RequestThrottled", 400),
}
_UNAVAILABLE: Mapping[str, tuple[str, int]] = {
    "apigateway": ("InternalServerErrorException", 500),
    "events": ("InternalException", 500),
    "iam": ("ServiceFailure", 500),
    "lambda": ("ServiceException", 500),
    "logs": ("ServiceUnavailableException", 503),
    "s3": ("InternalError", 500),
}
# What services of the query and XML protocols leave the suffix of.
_PLAIN = {"AccessDeniedException": "AccessDenied"}
_FORBIDDEN = ("AccessDenied", "AccessDeniedException")


def throttled(named: Named) -> Response:
    """The answer to one call too many."""
    code, status = _THROTTLING.get(named.service, ("Throttling", 400))
    return refusal(named, status, code, "Rate exceeded")


def unavailable(named: Named) -> Response:
    """The answer of a service that has a problem of its own."""
    code, status = _UNAVAILABLE.get(named.service, ("InternalFailure", 500))
    return refusal(named, status, code, "The service has an internal problem; try again")


def refused(named: Named, code: str, message: str, status: int | None) -> Response:
    """An error by its code.

    Args:
        named: the operation.
        code: as in the service's API reference; `AccessDeniedException` is what each service calls it.
        message: its text.
        status: the HTTP status; None takes the one that the service declares for the code.
    """
    if named.protocol in {"query", "rest-xml"}:
        code = _PLAIN.get(code, code)
    return refusal(named, status or _status(named, code), code, message)


def _status(named: Named, code: str) -> int:
    return 403 if code in _FORBIDDEN else error_status(named.service, code) or 400
