"""A provider on a port of its own, in front of moto."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from local.provider.server import serve

from .engine import Engine


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


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
