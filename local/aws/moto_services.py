"""moto's services as one WSGI application: S3, IAM, STS, SQS, EventBridge, CloudWatch, API Gateway."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from moto.core.base_backend import BackendDict
from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Request, Response

from . import quotas, s3_operations
from .api_routes import changeable_routes
from .bucket_policies import faithful_policies, refuses
from .http_endpoints import with_local_endpoints
from .lifecycle_rules import faithful_lifecycles
from .operations import Named
from .queues import faithful_queues
from .quotas.asked import QuotaError
from .refusals import denied, not_served, refusal
from .stages import changeable_stages

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# An optional grammar of jsonschema, which moto loads: it takes seconds, and nothing here needs it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
FORM = "application/x-www-form-urlencoded"
SERVICES = frozenset({"apigateway", "events", "iam", "logs", "monitoring", "s3", "sqs", "sts"})
# moto's backends take no locks. These services' requests are short once their body is here; those of SQS wait
# for messages.
SERIAL = frozenset({"apigateway", "events", "iam", "logs", "monitoring", "s3", "sts"})


class MotoServices:
    """Answers requests to moto's services.

    Args:
        endpoint: the URL of the embedded AWS.
    """

    def __init__(self, endpoint: str) -> None:
        moto = DomainDispatcherApplication(create_backend_app)
        self._application: WSGIApplication = with_local_endpoints(moto, endpoint)
        self._locks = {service: threading.Lock() for service in SERIAL}

    def respond(self, named: Named, request: Request) -> Response:
        """Answers one request.

        Args:
            named: what it is; its service is one of `SERVICES`.
            request: the request.

        Returns:
            moto's answer; an error where AWS would refuse it by its limits, or one that names the operation
            where moto has none.

        Raises:
            Exception: whatever moto lets escape.
        """
        if named.service == "s3" and named.operation not in s3_operations.OPERATIONS:
            return not_served(named)
        if named.service == "s3" and refuses(request, named.operation):
            return denied(named)
        if named.service == "s3" and request.mimetype == FORM:
            # curl's default type: moto would read the object as a form, and store nothing.
            request.environ["CONTENT_TYPE"] = "binary/octet-stream"
        # Before anybody has to wait for it: a body takes as long as its client does to send it.
        request.environ["wsgi.input"] = io.BytesIO(request.get_data())
        with self._locks.get(named.service, nullcontext()):
            try:
                quotas.check(named, request)
                response = Response.from_app(self._application, request.environ)
            except QuotaError as error:
                return refusal(named, error.status, error.code, str(error))
            except NotImplementedError:
                return not_served(named)
        return not_served(named) if _is_no_answer(response) else response


def _is_no_answer(response: Response) -> bool:
    """Tells werkzeug's error pages, which moto gives for paths that it does not know, from AWS's errors."""
    return (
        response.status_code in {404, 405, 500, 501}
        and response.get_data()[:15].lower() == b"<!doctype html>"
    )


@contextmanager
def fresh_backends(*, managed_policies: bool) -> Iterator[None]:
    """Empties moto's backends, which are global to the process, before and after.

    Args:
        managed_policies: whether AWS's own policies (`arn:aws:iam::aws:policy/...`) are there, as in every
            account; reading them takes moto a second.
    """
    settings = default_user_config["iam"]
    BackendDict.reset()
    settings["load_aws_managed_policies"] = managed_policies
    try:
        with (
            faithful_policies(),
            faithful_queues(),
            faithful_lifecycles(),
            changeable_stages(),
            changeable_routes(),
        ):
            yield
    finally:
        settings["load_aws_managed_policies"] = False
        BackendDict.reset()
