"""A clock that tests move, and a server whose changes take time on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.aws.server import Server, serve
from tests.local.conftest import client_of

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

Refuses = Callable[..., AbstractContextManager[None]]


@contextmanager
def refuses(code: str, match: str | None = None, status: int | None = None) -> Iterator[None]:
    """The call within must fail with exactly this error."""
    with pytest.raises(ClientError, match=match) as raised:
        yield
    response: Any = raised.value.response
    assert response["Error"]["Code"] == code
    assert status in {None, response["ResponseMetadata"]["HTTPStatusCode"]}


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 11, 23, 11, 2, 17, 123456, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slow_cloud(clock: Clock) -> Iterator[Server]:
    """An embedded AWS in which every change of a function takes five seconds of the test's clock."""
    with serve(managed_policies=False, clock=clock, delay=dt.timedelta(seconds=5)) as server:
        yield server


@pytest.fixture
def slow_client(slow_cloud: Server) -> LambdaClient:
    client: LambdaClient = client_of(slow_cloud, "lambda")
    return client
