"""The stack's settings: read from its configuration once, checked all at once."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from build.errors import UserError, all_faults
from build.target import ARCHITECTURES, GLIBC

from .variables import is_variable, variable_faults, variables

NAMESPACE = "lamina"
PIN = "pin."
LOCK = "app/requirements.txt"
ARCHITECTURE = "x86_64"
# What the sample's handlers import: a layer without one of them fails the preview.
REQUIRE = ("PIL.Image", "fastapi", "mangum", "pydantic")

PYTHONS = tuple(GLIBC)
CHOICES = {"python": PYTHONS, "architecture": ARCHITECTURES}
BOOLEANS = ("bytecode", "slim", "verify")
LISTS = {
    "exclude": "[boto3]",
    "prefer": "[six.py=six]",
    "require": "[fastapi]",
    "alarm_actions": "[arn:aws:sns:us-west-2:123456789012:on-call]",
}
# Paths of files in the project's folder.
FILES = {"lock": "lock file", "adopt": "mapping", "names": "mapping"}
KEYS = (*CHOICES, *FILES, "attempt", "canary", *BOOLEANS, *LISTS)
_NUMBER = re.compile(r"[1-9][0-9]*", re.ASCII)
_PERCENT = re.compile(r"[1-9][0-9]?", re.ASCII)
# Amazon SNS Developer Guide, "Creating an Amazon SNS topic": what a topic may be called.
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a stack file says.

    Attributes:
        python: the Python version of all functions, such as `3.12`; it stands nowhere else.
        architecture: `x86_64` or `arm64`.
        lock: the lock file's path in the project's folder.
        adopt: the path of the mapping by which resources that are there are imported.
        names: the path of the mapping whose resources keep their names in AWS.
        attempt: a number that the functions carry, so that a change of it publishes them anew.
        bytecode: whether the layer holds the bytecode of every source.
        slim: whether what no import needs is left out of it.
        exclude: what else is left out: packages and patterns.
        prefer: whose file counts where two packages ship different ones for a path, each as `PATH=PACKAGE`.
        require: modules that the layer must have.
        verify: whether a layer that would not work is refused.
        alarm_actions: the ARNs of the SNS topics that hear of alarms.
        pins: version by function, for those whose `live` alias is not to follow the newest.
        variables: environment variables by function, from name to value; secrets as outputs that are secret.
        canary: the percentage of the pinned functions' traffic that goes to their newest versions.
    """

    python: str
    architecture: str = ARCHITECTURE
    lock: str = LOCK
    adopt: str | None = None
    names: str | None = None
    attempt: str | None = None
    bytecode: bool = False
    slim: bool = False
    exclude: tuple[str, ...] = ()
    prefer: tuple[str, ...] = ()
    require: tuple[str, ...] = REQUIRE
    verify: bool = True
    alarm_actions: tuple[str, ...] = ()
    pins: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Mapping[str, pulumi.Input[str]]] = field(default_factory=dict, repr=False)
    canary: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that every function gets."""
        return {} if self.attempt is None else {"LAMINA_ATTEMPT": self.attempt}


def parse(
    values: Mapping[str, str], functions: Sequence[str], secret: Collection[str] = frozenset()
) -> Settings:
    """Checks the values of a stack file.

    Args:
        values: by key, without the namespace.
        functions: the names of the functions, which pins and variables may name.
        secret: the keys whose values are secrets: no message has them.

    Raises:
        UserError: with every fault there is: the key, the value, what is allowed.
    """
    known = [*KEYS, *(f"{PIN}{name}" for name in functions)]
    faults = [_unknown(key, known) for key in values if key not in known and not is_variable(key)]
    if "python" not in values:
        faults.append(f"{NAMESPACE}:python is missing; set it to one of {_quoted(PYTHONS)}")
    for key in filter(values.__contains__, known):
        faults += _faults(key, values[key], shown="a secret" if key in secret else repr(values[key]))
    faults += variable_faults(values, functions, NAMESPACE)
    if "canary" in values and not any(key.startswith(PIN) for key in values):
        faults.append(
            f"{NAMESPACE}:canary is set and no function is pinned, so there is no traffic to share; "
            f"`make canary` sets both, or set {NAMESPACE}:{PIN}{functions[0]} to the version that is live"
        )
    if faults:
        raise UserError(f"the stack's configuration is wrong: {all_faults(faults)}")
    return Settings(
        python=values["python"],
        architecture=values.get("architecture", ARCHITECTURE),
        lock=values.get("lock", LOCK),
        adopt=values.get("adopt"),
        names=values.get("names"),
        attempt=values.get("attempt"),
        bytecode=values.get("bytecode") == "true",
        slim=values.get("slim") == "true",
        exclude=tuple(_listed(values.get("exclude", "")) or ()),
        prefer=tuple(_listed(values.get("prefer", "")) or ()),
        require=tuple(_listed(values["require"]) or ()) if "require" in values else REQUIRE,
        verify=values.get("verify", "true") == "true",
        alarm_actions=tuple(_listed(values.get("alarm_actions", "")) or ()),
        pins={name: values[f"{PIN}{name}"] for name in functions if f"{PIN}{name}" in values},
        variables=variables(values, functions, secret),
        canary=int(values.get("canary", 0)),
    )


def stack_settings(functions: Sequence[str]) -> Settings:
    """The settings of the stack that the program runs for.

    Args:
        functions: the names of the functions, which pins and variables may name.

    Raises:
        UserError: as `parse`.
    """
    config = pulumi.Config(NAMESPACE)
    # pulumi.Config can only be asked for keys; a misspelt one shows in the whole configuration alone.
    given: Mapping[str, Any] = pulumi.runtime.get_config_env()
    names = {*KEYS, *(f"{PIN}{name}" for name in functions)}
    names |= {key.partition(":")[2] for key in given if key.startswith(f"{NAMESPACE}:")}
    values = {name: config.get(name) for name in sorted(names)}
    secret = {name for name in values if pulumi.runtime.is_config_secret(config.full_key(name))}
    return parse({name: value for name, value in values.items() if value is not None}, functions, secret)


def _faults(key: str, value: str, *, shown: str) -> list[str]:
    """What is wrong with one value: nothing, or one sentence."""
    allowed = ""
    if key in CHOICES and value not in CHOICES[key]:
        allowed = f"allowed are {_quoted(CHOICES[key])}"
    elif key in BOOLEANS and value not in ("true", "false"):
        allowed = "allowed are true and false"
    elif key in LISTS and _listed(value) is None:
        allowed = f"it is a list of texts, such as {LISTS[key]}"
    elif key == "alarm_actions" and not all(_TOPIC.fullmatch(each) for each in _listed(value) or ()):
        allowed = f"it is a list of ARNs of SNS topics, such as {LISTS[key]}"
    elif key == "attempt" and not _NUMBER.fullmatch(value):
        allowed = "allowed are the numbers from 1 up"
    elif key.startswith(PIN) and not _NUMBER.fullmatch(value):
        allowed = "allowed are the numbers of published versions, such as 41"
    elif key == "canary" and not _PERCENT.fullmatch(value):
        allowed = "allowed are 1 to 99, the percentage of the traffic that the newest versions get"
    elif key in FILES and not value:
        allowed = f"it is the {FILES[key]}'s path in the project's folder"
    return [f"{NAMESPACE}:{key} is {shown}; {allowed}"] if allowed else []


def _listed(value: str) -> list[str] | None:
    """The texts of a list, which Pulumi hands over as JSON; None where it is none."""
    try:
        found = json.loads(value)
    except ValueError:
        return None
    return (
        found if isinstance(found, list) and all(isinstance(each, str) and each for each in found) else None
    )


def _unknown(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {NAMESPACE}:{near[0]}?" if near else f"known are {', '.join(known)}"
    return f"{NAMESPACE}:{key} is no setting ({hint})"


def _quoted(values: Sequence[str]) -> str:
    # In quotes, as the stack file needs them: without, YAML reads 3.10 as the number 3.1.
    return ", ".join(f'"{value}"' for value in values)
