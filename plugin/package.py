"""The package: its name, its version, its components, and the schema that is inferred from them."""

from __future__ import annotations

import inspect
import json
import re
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
DESCRIPTION = (
    "Reproducible, content-addressed AWS Lambda layers from a Python lock file, and releases that cannot "
    "break what is live."
)
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
# In backquotes alone, and not `x86_64`.
_PYTHON_NAME = re.compile(r"(?<=`)[a-z]+(?:_[a-z]+)+(?=`)")
_PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def project() -> Mapping[str, Any]:
    """What `pyproject.toml` says of the project (PEP 621)."""
    with _PROJECT.open("rb") as content:
        found: Mapping[str, Any] = tomllib.load(content)["project"]
    return found


def described(inferred: str) -> str:
    """The schema with what the types do not tell, in the words of its readers.

    Args:
        inferred: JSON text, as Pulumi's analyzer infers it from the components.

    Returns:
        JSON text with the package's description and licence (Pulumi documentation, "Package schema"); its
        descriptions have the inputs' and outputs' own names, and no indentation of ours.
    """
    licence = project()["license"]
    schema = _worded(json.loads(inferred))
    return json.dumps({**schema, "description": DESCRIPTION, "license": licence})


def _worded(part: Any) -> Any:
    if isinstance(part, list):
        return [_worded(each) for each in part]
    if not isinstance(part, dict):
        return part
    worded: dict[str, Any] = {
        key: _words(each) if key == "description" and isinstance(each, str) else _worded(each)
        for key, each in part.items()
    }
    if part.get("type") in ("array", "object"):
        # The analyzer says of the members again what it says of the list or mapping.
        for members in (worded.get("items"), worded.get("additionalProperties")):
            if isinstance(members, dict):
                members.pop("description", None)
    return worded


def _words(description: str) -> str:
    """A docstring for readers of other languages: `layer_sizes` is `layerSizes` to them."""
    return _PYTHON_NAME.sub(lambda found: _camel_case(found[0]), inspect.cleandoc(description))


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.title() for each in others)
