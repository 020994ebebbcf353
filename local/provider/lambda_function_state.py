"""What Lambda does to a function in its own time: states, and the waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from .aws import Aws, failed_with
from .errors import ProviderError
from .lambda_layer import MISSING
from .values import State

STATE_TIMEOUT = 10 * 60.0
FIRST_POLL = 5.0


def configured(aws: Aws, name: str, state: State) -> Any:
    """The function's configuration, None when it is gone."""
    try:
        return aws.client("lambda", state).get_function(FunctionName=name)["Configuration"]
    except ClientError as error:
        if failed_with(error, MISSING):
            return None
        raise


def is_published(aws: Aws, state: State, version: Mapping[str, Any], what: str) -> bool:
    """Whether the last update of a version is done."""
    found = aws.client("lambda", state).get_function_configuration(
        FunctionName=version["FunctionArn"], Qualifier=version["Version"]
    )
    return _is_reached(found, "LastUpdateStatus", ("Successful",), what)


def wait_state(  # the field and its values differ between a new function and a changed one
    aws: Aws, name: str, state: State, *, field: str, wanted: tuple[str, ...], what: str
) -> None:
    """Waits until a field of the configuration has one of the values.

    Raises:
        ProviderError: it says `Failed`, or the time is over.
    """
    aws.clock.wait(
        lambda: _is_reached(configured(aws, name, state) or {}, field, wanted, what),
        what=what,
        within=STATE_TIMEOUT,
        first=FIRST_POLL,
    )


def _is_reached(found: Mapping[str, Any], field: str, wanted: tuple[str, ...], what: str) -> bool:
    now = found.get(field, "")
    if now == "Failed":
        raise ProviderError(f"{what}: unexpected state 'Failed': {found.get(f'{field}Reason', '')}")
    return now in wanted


def wait_updated(aws: Aws, name: str, new: State, what: str) -> None:
    """Waits until the last update of the function is done.

    Raises:
        ProviderError: it failed, or the time is over.
    """
    full = f"waiting for Lambda Function ({name}) {what}"
    with aws.doing(full):
        wait_state(aws, name, new, field="LastUpdateStatus", wanted=("Successful",), what=full)
