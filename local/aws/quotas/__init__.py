"""What AWS limits and moto does not: `check` looks at requests before moto does.

First against the SDK's own description of the service (lengths, patterns, ranges, enumerations), then against
the table in `local.limits`, by the file of the service. Each service has its own error for the first; the
words are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from moto.core.models import DEFAULT_ACCOUNT_ID
from werkzeug.wrappers import Request

from local.aws.operations import Named
from local.aws.parameters import input_shape, parameters_of
from local.endpoint import DEFAULT_REGION
from local.functions.constraints import faults_of
from local.functions.errors import broken_constraints
from local.functions.service import scope_of

from . import access, apis, events, logs, objects, queues
from .asked import Asked, QuotaError

# What each service calls a value that its description does not allow; those of the others have no limits.
_INVALID = {
    "apigateway": "BadRequestException",
    "events": "ValidationException",
    "iam": "ValidationError",
    "logs": "InvalidParameterException",
}
_CHECKS: Mapping[str, Mapping[str, Callable[[Asked], None]]] = {
    "apigateway": apis.CHECKS,
    "events": events.CHECKS,
    "iam": access.CHECKS,
    "logs": logs.CHECKS,
    "s3": objects.CHECKS,
    "sqs": queues.CHECKS,
}


def check(named: Named, request: Request) -> None:
    """Refuses a request that AWS would refuse.

    Args:
        named: what it is; of one of moto's services.
        request: its body can be read again afterwards.

    Raises:
        QuotaError: it is over a limit, or a value is none of those that there are.
    """
    scope = scope_of(request)
    parameters = parameters_of(named, request)
    if named.service in _INVALID:
        _check_description(named, parameters)
    own = _CHECKS.get(named.service, {}).get(named.operation)
    if own is not None:
        region = scope[0] if scope else DEFAULT_REGION
        own(Asked(parameters, request, DEFAULT_ACCOUNT_ID, region))


def _check_description(named: Named, parameters: Mapping[str, object]) -> None:
    shape = input_shape(named)
    members = shape.members if shape is not None else {}
    faults = [
        fault
        for name, value in parameters.items()
        if name in members and value is not None
        for fault in faults_of(members[name], value, name[0].lower() + name[1:])
    ]
    if faults:
        raise QuotaError(_INVALID[named.service], broken_constraints(faults).message)
