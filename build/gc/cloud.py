"""The account and region that are cleaned up: boto3's clients, and its errors in words for the user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    ProfileNotFound,
)

from ..errors import FailureError, UserError
from ..redaction import redacted

if TYPE_CHECKING:
    from types_boto3_apigatewayv2 import ApiGatewayV2Client
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client

# Lambda takes 15 calls a second of an account (AWS Lambda quotas, "Control plane"), and others call it, too.
# The SDK slows down to what gets through, and gives up on one call after about a minute.
_ATTEMPTS = 8
# What no other call of this run would fare better with.
_HOPELESS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "UnrecognizedClientException",
    }
)


class Cloud:
    """One region of one account, found where boto3 looks.

    Attributes:
        region: its name.
    """

    def __init__(self, *, region: str | None = None, profile: str | None = None) -> None:
        """Connects to nothing yet.

        Args:
            region: instead of the one that the environment or the profile names.
            profile: of the AWS configuration.

        Raises:
            UserError: there is no such profile, or no region is named anywhere.
        """
        try:
            # A session of its own, because the default one keeps the first credentials that it finds.
            self._session = boto3.Session(region_name=region, profile_name=profile)
        except ProfileNotFound as error:
            raise UserError(f"{error}; --profile names one of the AWS configuration") from error
        if self._session.region_name is None:
            raise UserError("no AWS region is set; name one with --region or AWS_DEFAULT_REGION")
        self.region: str = self._session.region_name

    @cached_property
    def functions(self) -> LambdaClient:
        """Lambda's client."""
        client: LambdaClient = self._client("lambda")
        return client

    @cached_property
    def objects(self) -> S3Client:
        """S3's client."""
        client: S3Client = self._client("s3")
        return client

    @cached_property
    def apis(self) -> ApiGatewayV2Client:
        """API Gateway's client."""
        client: ApiGatewayV2Client = self._client("apigatewayv2")
        return client

    def _client(self, service: Any) -> Any:
        retries: Any = {"mode": "adaptive", "total_max_attempts": _ATTEMPTS}
        # Other clients may retry, too: the region's endpoint has to be valid first.
        with told(f"{service} in {self.region}"):
            return self._session.client(service, config=Config(retries=retries))


@contextmanager
def told(what: str) -> Iterator[None]:
    """Tells AWS' errors in one line.

    Args:
        what: was being done or asked, such as `the functions of us-west-2`.

    Raises:
        UserError: there are no credentials.
        FailureError: AWS refused or cannot be reached.
    """
    try:
        yield
    except NoCredentialsError as error:
        raise UserError("no AWS credentials were found where boto3 looks; name a --profile") from error
    except (ClientError, BotoCoreError, ValueError) as error:
        raise FailureError(f"{what}: {reason_of(error)}") from error


def code_of(error: Exception) -> str:
    """AWS' code of an error, such as `ResourceNotFoundException`; empty where AWS did not answer."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return ""


def is_missing(error: Exception) -> bool:
    """Whether what was asked for is not there."""
    return code_of(error) in {
        "ResourceNotFoundException",
        "NotFoundException",
        "NoSuchKey",
        "404",
        "NotFound",
    }


def is_hopeless(error: Exception) -> bool:
    """Whether going on makes no sense: AWS cannot be reached, knows us no more, or has enough of us."""
    return not isinstance(error, ClientError) or code_of(error) in _HOPELESS


def reason_of(error: Exception) -> str:
    """What AWS says, without what may be secret in it."""
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        said = f"{details.get('Code', '')}: {details.get('Message', '')}".strip(": ")
        advice = "; wait a while, then run it again" if is_hopeless(error) and _throttled(error) else ""
        return f"{redacted(said) or 'AWS answers with an error'}{advice}"
    return redacted(str(error))


def _throttled(error: ClientError) -> bool:
    return code_of(error) in _HOPELESS and not code_of(error).startswith(("Expired", "Invalid", "Unrecog"))
