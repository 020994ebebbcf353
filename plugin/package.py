"""The package: its name, its version, its components, and the schema that is inferred from them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from components.alarms import Alarms
from components.bucket import ArtifactBucket, PrivateBucket
from components.function import PythonFunction
from components.http_api import HttpApi
from components.layer import LambdaLayer
from components.queue_worker import QueueWorker
from components.release import Release
from components.schedule import Schedule
from components.work_queue import WorkQueue

NAME = "lamina"
COMPONENTS: tuple[type[pulumi.ComponentResource], ...] = (
    Alarms,
    ArtifactBucket,
    HttpApi,
    LambdaLayer,
    PrivateBucket,
    PythonFunction,
    QueueWorker,
    Release,
    Schedule,
    WorkQueue,
)
_PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def project() -> Mapping[str, Any]:
    """What `pyproject.toml` says of the project (PEP 621): its version stands there alone."""
    with _PROJECT.open("rb") as content:
        found: Mapping[str, Any] = tomllib.load(content)["project"]
    return found


def described(inferred: str) -> str:
    """The schema with what the types do not tell.

    Args:
        inferred: JSON text, as Pulumi's analyzer infers it from the components.

    Returns:
        JSON text with the package's description and licence (Pulumi documentation, "Package schema").
    """
    about = project()
    schema = json.loads(inferred)
    return json.dumps({**schema, "description": about["description"], "license": about["license"]})
