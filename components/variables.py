"""Environment variables, also secret ones, of the stack file: `lamina:env.<function>.<NAME>`."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence

import pulumi

PREFIX = "env."
# What the program itself tells the functions; a stack file that could change it could break them.
OWN = "LAMINA_"
# AWS Lambda API reference, "Environment".
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]+", re.ASCII)
# AWS Lambda Developer Guide, "Working with Lambda environment variables": what a function cannot be given.
RESERVED = frozenset(
    {
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
    }
)
# AWS Lambda Developer Guide, "Lambda quotas": of all environment variables of a function.
MOST_BYTES = 4096


def is_variable(key: str) -> bool:
    """Whether a setting, without its namespace, is a function's environment variable."""
    return key.startswith(PREFIX)


def variables(
    values: Mapping[str, str], functions: Sequence[str], secret: Collection[str]
) -> dict[str, dict[str, pulumi.Input[str]]]:
    """Sorts the variables of a stack file by function.

    Args:
        values: settings by key, without the namespace; none of them wrong.
        functions: the names of the functions.
        secret: the keys whose values are secrets, and stay so.

    Returns:
        Name to value by function, for those that have any.
    """
    found: dict[str, dict[str, pulumi.Input[str]]] = {}
    for key in filter(is_variable, sorted(values)):
        function, name = _parts(key)
        value = pulumi.Output.secret(values[key]) if key in secret else values[key]
        found.setdefault(function, {})[name] = value
    return {function: found[function] for function in functions if function in found}


def variable_faults(values: Mapping[str, str], functions: Sequence[str], namespace: str) -> list[str]:
    """What is wrong with the variables of a stack file; never with a value in it, which may be a secret.

    Args:
        values: settings by key, without the namespace.
        functions: the names of the functions.
        namespace: of the settings, for the sentences.

    Returns:
        A sentence for each fault.
    """
    keys = sorted(filter(is_variable, values))
    return [
        f"{namespace}:{key} {fault}" for key in keys if (fault := _fault(*_parts(key), functions=functions))
    ]


def fitting(name: str, given: Mapping[str, pulumi.Input[str]]) -> dict[str, pulumi.Input[str]]:
    """A function's variables, known only once it is known that Lambda takes them together.

    Lambda would refuse them with all of them in its message, and Pulumi keep that message in the state.

    Args:
        name: of the function, for the message.
        given: value by name; secrets stay secret, each by itself.

    Raises:
        pulumi.RunError: they are too large, when the outputs are asked for.
    """

    def check(known: Mapping[str, str]) -> bool:
        size = len(json.dumps(known, separators=(",", ":"), ensure_ascii=False).encode())
        if size > MOST_BYTES:
            sizes = ", ".join(f"{each} {len(known[each].encode()):,}" for each in sorted(known))
            raise pulumi.RunError(
                f"the environment variables of the function {name} hold {size:,} bytes and Lambda takes "
                f"{MOST_BYTES:,} ({sizes}): keep what is large in a secrets manager or a bucket"
            )
        return True

    # That they fit is no secret.
    fit = pulumi.Output.unsecret(pulumi.Output.all(**given).apply(check))

    def checked(value: pulumi.Input[str]) -> pulumi.Output[str]:
        return pulumi.Output.all(fit, value).apply(lambda parts: str(parts[1]))

    return {each: checked(value) for each, value in given.items()}


def _fault(function: str, name: str, *, functions: Sequence[str]) -> str:
    if function not in functions:
        return f"is for no function (known are {', '.join(functions)})"
    if not _NAME.fullmatch(name):
        return "names no variable: letters, digits and _ make one, a letter first, two at least"
    if name in RESERVED:
        return f"cannot be set: {name} is Lambda's own"
    if name.startswith(OWN):
        return f"cannot be set: variables with {OWN} are the stack's own"
    return ""


def _parts(key: str) -> tuple[str, str]:
    """The function and the variable; no variable has a dot in its name."""
    function, _, name = key.removeprefix(PREFIX).rpartition(".")
    return function, name
