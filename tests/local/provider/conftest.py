"""A provider on a port of its own, in front of the embedded AWS."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local.aws.server import serve as serve_aws
from local.provider.server import serve

from .engine import Engine


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The embedded AWS, which all tests of the provider share."""
    with serve_aws(tmp_path_factory.mktemp("aws"), managed_policies=False) as server:
        yield server.endpoint


@pytest.fixture(scope="session")
def engine(endpoint: str) -> Iterator[Engine]:
    with serve(environ={"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-west-2"}) as port:
        driver = Engine(port)
        driver.configure(region="us-west-2", version="7.51.1")
        yield driver
        driver.channel.close()


@pytest.fixture(scope="session")
def aws(endpoint: str) -> Any:
    """Makes boto3 clients for looking at what the provider did, and for changing it behind its back."""

    def client(service: str) -> Any:
        session: Any = boto3
        return session.client(
            service,
            region_name="us-west-2",
            endpoint_url=endpoint,
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    return client


@pytest.fixture(scope="session")
def python_runtime() -> str:
    """The Lambda runtime that the local stack can run: that of this interpreter."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"
