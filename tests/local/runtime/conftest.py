"""Deployments made of a few lines of code, and a runtime that really runs them."""

from __future__ import annotations

import json
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from local.runtime.deployment import HOST_ARCHITECTURE, HOST_RUNTIME, Deployment, InvocationResult
from local.runtime.pool import Runtimes

ENDPOINT = "http://127.0.0.1:4566"
ARN = "arn:aws:lambda:us-west-2:123456789012:function:api"


def make_zip(path: Path, files: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def deploy(tmp_path: Path) -> Callable[..., Deployment]:
    """Makes a deployment of `main.py` with the given code, other files and layers."""

    def made(code: str, *, files: Mapping[str, str] | None = None, **more: Any) -> Deployment:
        name = tmp_path / f"{uuid.uuid4().hex}.zip"
        layers = tuple(
            make_zip(name.with_name(f"{uuid.uuid4().hex}.zip"), layer) for layer in more.pop("layers", ())
        )
        deployment = Deployment(
            key=name.stem,
            function_name="api",
            version="7",
            function_arn=ARN,
            handler="main.handler",
            runtime=HOST_RUNTIME,
            architecture=HOST_ARCHITECTURE,
            code_zip=make_zip(name, {"main.py": dedent(code), **(files or {})}),
            layer_zips=layers,
            log_group="/aws/lambda/api",
            environment={},
            timeout=20,
        )
        return replace(deployment, **more)

    return made


@pytest.fixture
def runtimes(tmp_path: Path) -> Iterator[Runtimes]:
    with Runtimes(tmp_path / "runtime", ENDPOINT) as made:
        yield made


@pytest.fixture
def run(runtimes: Runtimes, deploy: Callable[..., Deployment]) -> Callable[..., InvocationResult]:
    """Invokes code once."""

    def ran(code: str, event: Any = None, **more: Any) -> InvocationResult:
        return runtimes.invoke(deploy(code, **more), json.dumps(event).encode())

    return ran
