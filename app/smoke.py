"""The smoke test: a handler answers its event only if it runs exactly the expected layer and code."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .identity import identity

Handler = Callable[[Any, Any], Any]


class SmokeError(Exception):
    """This version runs something else than the release expects, or cannot do its work."""


def answers_smoke(check: Callable[[], None]) -> Callable[[Handler], Handler]:
    """Makes a handler answer the smoke event `{"lamina": {"smoke": {"layer", "code"}}}`.

    Args:
        check: exercises what the handler needs; whatever it raises fails the smoke test.

    Returns:
        A decorator; the handler that it gives treats every other event as before, and answers the smoke
        event with `{"lamina": {"layer", "code", "function", "version"}}` or raises SmokeError.
    """

    def decorate(handler: Handler) -> Handler:
        @functools.wraps(handler)
        def answering(event: Any, context: Any) -> Any:
            expected = _expectation(event)
            if expected is None:
                return handler(event, context)
            _compare(expected)
            check()
            return {
                "lamina": {
                    "layer": identity().layer,
                    "code": identity().code,
                    "function": context.function_name,
                    "version": context.function_version,
                }
            }

        return answering

    return decorate


def _expectation(event: Any) -> dict[str, str] | None:
    lamina = event.get("lamina") if isinstance(event, dict) else None
    smoke = lamina.get("smoke") if isinstance(lamina, dict) else None
    return smoke if isinstance(smoke, dict) else None


def _compare(expected: dict[str, str]) -> None:
    running = {"layer": identity().layer, "code": identity().code}
    faults = [
        f"{part} {digest} runs where {expected.get(part, 'none')} is expected"
        for part, digest in running.items()
        if expected.get(part) != digest
    ]
    if faults:
        # Publishing may have failed before and not be asked for again: then this is the version before.
        raise SmokeError(f"{'; '.join(faults)}; raise lamina:attempt to publish a version anew")
