"""The environment in which a lock's markers are read: the target's, never this machine's."""

from __future__ import annotations

from packaging.markers import Marker, UndefinedEnvironmentName

from ..errors import UserError
from ..target import RUNTIMES, Target

PYTHONS = tuple(RUNTIMES)


def python_full_version(target: Target) -> str:
    """The patch release that markers and `Requires-Python` are read against, such as `3.12.12`."""
    return target.python_release


def platform_machine(target: Target) -> str:
    """What `uname -m` says on the target: `x86_64` or `aarch64`."""
    return target.machine


def marker_environment(target: Target) -> dict[str, str]:
    """Every variable of a marker, as the target's own interpreter would give it.

    The names are those of the dependency specifiers specification (PEP 508). The kernel's release and version
    cannot be known before a function runs and are empty, as uv has them for a platform that it is not on. No
    comparison tells that from the truth: a kernel's release is no version of PEP 440 either, so that `>=` and
    its like are false for both.
    """
    full = python_full_version(target)
    return {
        "implementation_name": "cpython",
        "implementation_version": full,
        "os_name": "posix",
        "platform_machine": platform_machine(target),
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": full,
        "python_version": target.python,
        "sys_platform": "linux",
    }


def applies(marker: Marker | None, environment: dict[str, str]) -> bool:
    """Says whether a requirement with this marker is wanted in the environment.

    Raises:
        UserError: the marker compares what cannot be compared.
    """
    if marker is None:
        return True
    try:
        return marker.evaluate(dict(environment))
    except (ValueError, UndefinedEnvironmentName, RecursionError) as error:
        raise UserError(f"the marker `{marker}` cannot be read for the target ({error})") from error
