"""What the runtime needs to know of a function version to run it, and what an invocation gives back."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOST_RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
HOST_ARCHITECTURE = {"aarch64": "arm64", "amd64": "x86_64"}.get(
    platform.machine().lower(), platform.machine().lower()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One function version (or one state of `$LATEST`), ready to be run.

    Attributes:
        key: unique for this code, configuration and version; environments are kept warm under it, so any
            change of anything below must come with another key.
        function_name: the bare name.
        version: `$LATEST` or a number.
        function_arn: the function's ARN without a qualifier.
        handler: such as `app.api.handler`.
        runtime: such as `python3.12`.
        code_zip: the uploaded archive; its content never changes under this path.
        log_group: the name of the group that the function logs to.
        architecture: `x86_64` or `arm64`.
        layer_zips: the layers' archives in the order in which the function lists them; a later one wins, as
            in Lambda. Their content never changes under their paths.
        environment: the function's own variables.
        timeout: seconds.
        memory: MB; told to the function and to the log, not enforced.
        log_format: `Text` or `JSON`, of what the function's code logs and of Lambda's own lines.
        log_level: the application log level, such as `INFO`, or None for the runtime client's own default.
        region: such as `us-west-2`.
        account: twelve digits.
    """

    key: str
    function_name: str
    version: str
    function_arn: str
    handler: str
    runtime: str
    code_zip: Path
    log_group: str
    architecture: str = "x86_64"
    layer_zips: tuple[Path, ...] = ()
    environment: Mapping[str, str]
    timeout: int = 3
    memory: int = 128
    log_format: str = "Text"
    log_level: str | None = None
    region: str = "us-west-2"
    account: str = "123456789012"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationResult:
    """What one invocation came to.

    Attributes:
        payload: the handler's answer as JSON, or the error object (`errorMessage`, `errorType`, ...).
        error: what Lambda sends as `X-Amz-Function-Error`: `Unhandled`, or None when the handler returned.
        events: the log of this invocation, one entry per log event, from INIT_START or START to REPORT; an
            event can have several lines (a traceback is one event).
        log_stream: the stream of `Deployment.log_group` that the log goes to; each environment has its own.
        request_id: the id that the handler saw.
    """

    payload: bytes
    error: str | None
    events: tuple[str, ...]
    log_stream: str
    request_id: str

    @property
    def log(self) -> bytes:
        """The whole log as text in UTF-8; Lambda's `LogResult` is the last 4 KB of it in base64."""
        return "".join(f"{event}\n" for event in self.events).encode()


def refusal(runtime: str, architecture: str) -> str | None:
    """Says why a function cannot run on this machine.

    Args:
        runtime: Lambda's name of a runtime.
        architecture: Lambda's name of an architecture.

    Returns:
        One line that names what the function wants and what this machine has, or None when it can run.
    """
    if runtime != HOST_RUNTIME:
        return (
            f"the local Lambda runtime runs {HOST_RUNTIME} only (the interpreter that it was started with), "
            f"not {runtime}: start it with that Python, or set the stack's Python version to "
            f"{HOST_RUNTIME.removeprefix('python')}"
        )
    if architecture != HOST_ARCHITECTURE:
        return (
            f"the local Lambda runtime runs on {HOST_ARCHITECTURE} only (this machine), not on {architecture}"
        )
    return None
