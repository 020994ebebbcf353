"""The stack's settings: read from its configuration once, checked all at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from build.errors import UserError, all_faults
from build.target import ARCHITECTURES, GLIBC

NAMESPACE = "lamina"
PIN = "pin."
LOCK = "app/requirements.txt"
ARCHITECTURE = "x86_64"

PYTHONS = tuple(GLIBC)
_NUMBER = re.compile(r"[1-9][0-9]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a stack file says.

    Attributes:
        python: the Python version of all functions, such as `3.12`; it stands nowhere else.
        architecture: `x86_64` or `arm64`.
        lock: the lock file's path in the project's folder.
        attempt: a number that the functions carry, so that a change of it publishes them anew.
        pins: version by function, for those whose `live` alias is not to follow the newest.
    """

    python: str
    architecture: str = ARCHITECTURE
    lock: str = LOCK
    attempt: str | None = None
    pins: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that every function gets."""
        return {} if self.attempt is None else {"LAMINA_ATTEMPT": self.attempt}


def parse(values: Mapping[str, str], functions: Sequence[str]) -> Settings:
    """Checks the values of a stack file.

    Args:
        values: by key, without the namespace.
        functions: the names of the functions, which pins may name.

    Raises:
        UserError: with every fault there is: the key, the value, what is allowed.
    """
    known = ["python", "architecture", "lock", "attempt", *(f"{PIN}{name}" for name in functions)]
    faults = [_unknown(key, known) for key in values if key not in known]
    if "python" not in values:
        faults.append(f"{NAMESPACE}:python is missing; set it to one of {_quoted(PYTHONS)}")
    faults += [fault for key in known if key in values for fault in _faults(key, values[key])]
    if faults:
        raise UserError(f"the stack's configuration is wrong: {all_faults(faults)}")
    return Settings(
        python=values["python"],
        architecture=values.get("architecture", ARCHITECTURE),
        lock=values.get("lock", LOCK),
        attempt=values.get("attempt"),
        pins={name: values[f"{PIN}{name}"] for name in functions if f"{PIN}{name}" in values},
    )


def stack_settings(functions: Sequence[str]) -> Settings:
    """The settings of the stack that the program runs for.

    Args:
        functions: the names of the functions, which pins may name.

    Raises:
        UserError: as `parse`.
    """
    config = pulumi.Config(NAMESPACE)
    # pulumi.Config can only be asked for keys; a misspelt one shows in the whole configuration alone.
    given: Mapping[str, Any] = pulumi.runtime.get_config_env()
    names = {"python", "architecture", "lock", "attempt", *(f"{PIN}{name}" for name in functions)}
    names |= {key.partition(":")[2] for key in given if key.startswith(f"{NAMESPACE}:")}
    values = {name: config.get(name) for name in sorted(names)}
    return parse({name: value for name, value in values.items() if value is not None}, functions)


def _faults(key: str, value: str) -> list[str]:
    """What is wrong with one value: nothing, or one sentence."""
    allowed = {"python": PYTHONS, "architecture": ARCHITECTURES}.get(key)
    if allowed is not None and value not in allowed:
        return [f"{NAMESPACE}:{key} is {value!r}; allowed are {_quoted(allowed)}"]
    if key == "attempt" and not _NUMBER.fullmatch(value):
        return [f"{NAMESPACE}:attempt is {value!r}; allowed are the numbers from 1 up"]
    if key.startswith(PIN) and not _NUMBER.fullmatch(value):
        return [f"{NAMESPACE}:{key} is {value!r}; allowed are the numbers of published versions, such as 41"]
    if key == "lock" and not value:
        return [f"{NAMESPACE}:lock is empty; it is the lock file's path in the project's folder"]
    return []


def _unknown(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {NAMESPACE}:{near[0]}?" if near else f"known are {', '.join(known)}"
    return f"{NAMESPACE}:{key} is no setting ({hint})"


def _quoted(values: Sequence[str]) -> str:
    # In quotes, as the stack file needs them: without, YAML reads 3.10 as the number 3.1.
    return ", ".join(f'"{value}"' for value in values)
