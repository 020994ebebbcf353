"""The environments of all functions: kept warm, started when none is free, ended when idle."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from .deployment import Deployment, InvocationResult


class Runtimes:
    """Runs invocations; safe to use from any number of threads.

    Args:
        folder: where archives are unpacked and environments have their /tmp; created when missing.
        endpoint: the URL of the embedded AWS, which becomes the functions' `AWS_ENDPOINT_URL`.
    """

    def __init__(self, folder: Path, endpoint: str) -> None:
        self._folder = folder
        self._endpoint = endpoint

    def invoke(
        self,
        deployment: Deployment,
        event: bytes,
        *,
        invoked_arn: str | None = None,
        request_id: str | None = None,
        client_context: str | None = None,
    ) -> InvocationResult:
        """Runs one invocation to its end, in a warm environment if there is one.

        Args:
            deployment: what to run.
            event: the payload, as JSON.
            invoked_arn: the ARN as the caller gave it, with its qualifier; by default the deployment's.
            request_id: the id of the request; by default a new one.
            client_context: the caller's client context as JSON (`X-Amz-Client-Context`, decoded).

        Returns:
            The answer or the error of the function's code, and its log.

        Raises:
            UnsupportedDeploymentError: the function is for another Python or architecture.
            UnusableArchiveError: code or layer cannot be unpacked.
            PayloadTooLargeError: the event is over 6 MB.
            ThrottledError: every environment stayed busy.
        """
        raise NotImplementedError

    def forget(self, key: str) -> None:
        """Ends the idle environments of a deployment; busy ones finish their invocation and then end.

        Args:
            key: `Deployment.key`; one that is unknown is no error.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Ends every environment with all its processes; nothing can be invoked afterwards."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
