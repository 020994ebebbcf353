"""What is asked, and the error of a request that is over a limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request


class QuotaError(Exception):
    """A request that AWS would refuse.

    Args:
        code: the error's name.
        message: one line; AWS's own text where it is known.
        status: of the response.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """A request.

    Attributes:
        parameters: those of its body, by their names in the SDK.
        request: itself.
        account: whose it is.
        region: where it is.
    """

    parameters: Mapping[str, Any]
    request: Request
    account: str
    region: str
