"""How invocations end that no handler answers, and what their processes wrote to the log."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass

FRAME_HEADER = 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an invocation ended.

    Attributes:
        payload: what the caller gets.
        error: None, or the type of the error as the log names it.
        timed_out: the function ran into its timeout.
        lines: what the platform writes to the log about it.
        fatal: the environment cannot be used again.
    """

    payload: bytes
    error: str | None = None
    timed_out: bool = False
    lines: tuple[str, ...] = ()
    fatal: bool = False


def timed_out(request_id: str, seconds: int, now: dt.datetime) -> Outcome:
    """The outcome of an invocation that ran into its timeout.

    AWS docs, "Troubleshoot invocation issues in Lambda": `Sandbox.Timedout`.

    Args:
        request_id: the invocation's id.
        seconds: the function's timeout.
        now: the time of the log line, in UTC.

    Returns:
        The outcome.
    """
    said = f"Task timed out after {seconds:.2f} seconds"
    stamp = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
    return Outcome(
        _error("Sandbox.Timedout", f"RequestId: {request_id} Error: {said}"),
        "Sandbox.Timedout",
        timed_out=True,
        lines=(f"{stamp} {request_id} {said}",),
        fatal=True,
    )


def exited(request_id: str, returncode: int) -> Outcome:
    """The outcome of an invocation whose process ended.

    Args:
        request_id: the invocation's id.
        returncode: as `subprocess` gives it: negative for a signal.

    Returns:
        The outcome, with Lambda's `Runtime.ExitError`.
    """
    if returncode == 0:
        reason = "Runtime exited without providing a reason"
    elif returncode > 0:
        reason = f"Runtime exited with error: exit status {returncode}"
    else:
        reason = f"Runtime exited with error: signal: {_signal_name(-returncode)}"
    said = f"RequestId: {request_id} Error: {reason}"
    return Outcome(
        _error("Runtime.ExitError", said),
        "Runtime.ExitError",
        lines=(f"{said}\nRuntime.ExitError",),
        fatal=True,
    )


def too_large(size: int, limit: int) -> Outcome:
    """The outcome of an invocation whose answer is over Lambda's limit.

    Args:
        size: of the answer, in bytes.
        limit: in bytes.

    Returns:
        The outcome, with Lambda's `Function.ResponseSizeTooLarge`.
    """
    said = f"Response payload size ({size} bytes) exceeded maximum allowed payload size ({limit} bytes)."
    return Outcome(
        _error("Function.ResponseSizeTooLarge", said),
        "Function.ResponseSizeTooLarge",
        lines=(said,),
        fatal=True,
    )


def log_events(written: bytes) -> Iterator[str]:
    """Splits what a process wrote into log events.

    The runtime client writes each record of Python's logging as one frame (four bytes of type, `A5 5A 00` and
    a level, then length and time, then the text: `FramedTelemetryLogSink` in awslambdaric's bootstrap.py);
    everything else is text, one event a line.

    Args:
        written: to the standard streams and to the log descriptor, in the order of writing.

    Yields:
        The text of each event, without a final line end.
    """
    while (at := written.find(b"\xa5\x5a\x00")) >= 0 and len(written) >= at + FRAME_HEADER:
        yield from _lines(written[:at])
        length = int.from_bytes(written[at + 4 : at + 8], "big")
        text = written[at + FRAME_HEADER : at + FRAME_HEADER + length]
        yield text.decode(errors="replace").rstrip("\n")
        written = written[at + FRAME_HEADER + length :]
    yield from _lines(written)


def _lines(text: bytes) -> Iterator[str]:
    for line in text.decode(errors="replace").split("\n"):
        if line.strip():
            yield line.rstrip("\r")


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}, separators=(",", ":")).encode()


def _signal_name(number: int) -> str:
    """Go's words for a signal, which is what Lambda's own platform prints."""
    return {6: "aborted", 9: "killed", 11: "segmentation fault", 15: "terminated"}.get(
        number, f"signal {number}"
    )
