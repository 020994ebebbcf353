"""A provider on a port of its own, in front of our Lambda service and moto."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import NotFound
from werkzeug.serving import make_server
from werkzeug.wrappers import Request

from local.functions.service import LambdaService, scope_of
from local.provider.server import serve

from .engine import Engine


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Lambda is our own service, everything else is moto's."""
    server: Any = make_server("127.0.0.1", 0, NotFound(), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    functions = LambdaService(tmp_path_factory.mktemp("lambda"), url)
    others = DomainDispatcherApplication(create_backend_app)

    def dispatch(environ: Any, start_response: Any) -> Any:
        scope = scope_of(Request(environ))
        return (functions if scope and scope[1] == "lambda" else others)(environ, start_response)

    server.app = dispatch
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield url
    functions.close()
    server.shutdown()
    thread.join()
    server.server_close()


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
