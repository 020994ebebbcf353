"""Tries AWS calls again as the real provider's SDK does: which errors, how often, and after which pauses.

Sources: aws-sdk-go-v2, `aws/retry` (standard.go, retryable_error.go, jitter_backoff.go); aws-sdk-go-base,
`awsconfig.go` (networkErrorShortcutter); terraform-provider-aws, `internal/conns/config.go`.
"""

from __future__ import annotations

import random
from typing import Any

from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)

from .clock import Clock

MAX_ATTEMPTS = 25
"""The provider's `max_retries`."""
MAX_REFUSED = 10
"""Attempts at an address where nobody listens."""
MAX_BACKOFF = 300.0
"""Seconds."""
_STATUSES = frozenset({500, 502, 503, 504})
_CODES = frozenset(
    {
        "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException",
        "PriorRequestNotComplete", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
        "RequestThrottled", "RequestThrottledException", "RequestTimeout", "RequestTimeoutException",
        "SlowDown", "ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException",
        "TransactionInProgressException",
    }
)  # fmt: skip
# What single services' clients retry besides (internal/service/SERVICE/service_package.go): the code, and a
# part of the message.
_OF_SERVICES = {
    "apigatewayv2": ("ConflictException", "try again later"),
    "s3": ("OperationAborted", "A conflicting conditional operation is currently in progress"),
}


class Retries:
    """Takes botocore's place in the decision whether a failed attempt is followed by another one.

    Args:
        clock: pauses are its seconds.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def register(self, client: Any) -> None:
        """Lets a client, which must not retry by itself, retry like this."""
        client.meta.events.register("needs-retry", self.decide)

    def decide(
        self, attempts: int, operation: Any, response: Any, caught_exception: Any, **_: Any
    ) -> float | None:
        """Waits before the next attempt (`needs-retry` of botocore's Endpoint).

        Returns:
            0, botocore's own pause, where there is to be another attempt; else None.

        Raises:
            ProviderError: the operation is cancelled meanwhile.
        """
        service = str(operation.service_model.service_name)
        if not _is_transient(service, response, caught_exception):
            return None
        most = MAX_REFUSED if isinstance(caught_exception, EndpointConnectionError) else MAX_ATTEMPTS
        if attempts >= most:
            return None
        self._clock.sleep(min(MAX_BACKOFF, random.random() * 2**attempts))  # noqa: S311  (no secret)
        return 0.0


def _is_transient(service: str, response: Any, error: Any) -> bool:
    if error is not None:
        return isinstance(
            error,
            EndpointConnectionError
            | ConnectionClosedError
            | ConnectTimeoutError
            | ReadTimeoutError
            | HTTPClientError,
        )
    if response is None:
        return False
    http, parsed = response
    found = parsed.get("Error", {})
    code, message = str(found.get("Code", "")), str(found.get("Message", ""))
    own_code, part = _OF_SERVICES.get(service, ("", ""))
    return http.status_code in _STATUSES or code in _CODES or (code == own_code != "" and part in message)
