"""The environment variables that a function sees: Lambda's, its own, and none of ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .deployment import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where one environment's folders are.

    Attributes:
        task: the code, `/var/task` in Lambda.
        opt: the merged layers, `/opt` in Lambda.
        libraries: the runtime's own libraries.
        bytecode: where the interpreter may keep what it compiled.
        scratch: the environment's own `/tmp`.
    """

    task: Path
    opt: Path
    libraries: Path
    bytecode: Path
    scratch: Path


def variables(
    deployment: Deployment, places: Places, *, endpoint: str, runtime_api: str, log_stream: str, log_fd: int
) -> dict[str, str]:
    """Gives a function's environment.

    AWS docs, "Defined runtime environment variables". The unreserved ones give way to the function's own, the
    reserved ones do not. TMPDIR and HOME are ours: an environment has a scratch folder of its own, and the
    SDK must not read the configuration of whoever runs this.

    Args:
        deployment: the function.
        places: its folders.
        endpoint: the URL of the embedded AWS.
        runtime_api: `host:port` of the environment's Runtime API.
        log_stream: the stream that it logs to.
        log_fd: the descriptor that the runtime client writes framed log records to.

    Returns:
        All variables.
    """
    return {
        **_unreserved(places, endpoint),
        **deployment.environment,
        **_reserved(deployment, places, runtime_api, log_stream),
        **_logging(deployment),
        "_LAMBDA_TELEMETRY_LOG_FD": str(log_fd),
    }


def _unreserved(places: Places, endpoint: str) -> dict[str, str]:
    scratch = str(places.scratch)
    return {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": f"/usr/local/bin:/usr/bin:/bin:{places.opt}/bin",
        "LD_LIBRARY_PATH": f"{places.task}:{places.task}/lib:{places.opt}/lib",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_ENDPOINT_URL": endpoint,
        "TMPDIR": scratch,
        "HOME": scratch,
    }


def _logging(deployment: Deployment) -> dict[str, str]:
    level = {} if deployment.log_level is None else {"AWS_LAMBDA_LOG_LEVEL": deployment.log_level}
    return {"AWS_LAMBDA_LOG_FORMAT": deployment.log_format, **level}


def _reserved(deployment: Deployment, places: Places, runtime_api: str, log_stream: str) -> dict[str, str]:
    return {
        "_HANDLER": deployment.handler,
        "AWS_REGION": deployment.region,
        "AWS_DEFAULT_REGION": deployment.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{deployment.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": deployment.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": deployment.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(deployment.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": deployment.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SESSION_TOKEN": "local",
        "LAMBDA_TASK_ROOT": str(places.task),
        "LAMBDA_RUNTIME_DIR": str(places.libraries),
    }
