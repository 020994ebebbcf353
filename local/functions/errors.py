"""Errors of the Lambda service as clients see them."""

from __future__ import annotations

from typing import Any


class LambdaError(Exception):
    """An error that the caller of an operation gets.

    Args:
        code: the error's name, such as `ResourceNotFoundException`.
        message: one line; AWS's own text where it is known.
        details: further members of the error, such as `Reason`.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


def invalid(message: str) -> LambdaError:
    """A value that the operation does not accept: `InvalidParameterValueException`."""
    return LambdaError("InvalidParameterValueException", message)


def not_found(message: str) -> LambdaError:
    """Something that does not exist: `ResourceNotFoundException`."""
    return LambdaError("ResourceNotFoundException", message)


def conflict(message: str) -> LambdaError:
    """Something that is there already, or in the way: `ResourceConflictException`."""
    return LambdaError("ResourceConflictException", message)


def stale(what: str) -> LambdaError:
    """A RevisionId that is not the latest one: `PreconditionFailedException`.

    Args:
        what: the operation that gives the latest one.
    """
    return LambdaError(
        "PreconditionFailedException",
        f"The Revision Id provided does not match the latest Revision Id. Call the {what} API to retrieve "
        "the latest Revision Id",
    )


def broken_constraints(faults: list[str]) -> LambdaError:
    """Values that break constraints of the service's model, all at once: `ValidationException`.

    Args:
        faults: one sentence each.
    """
    noun = "error" if len(faults) == 1 else "errors"
    return LambdaError(
        "ValidationException", f"{len(faults)} validation {noun} detected: {'; '.join(faults)}"
    )
