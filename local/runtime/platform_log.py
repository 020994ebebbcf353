"""The lines that Lambda itself writes around an invocation, as text or as JSON."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from .outcome import Outcome


def utc_now() -> dt.datetime:
    """Gives the time for a line."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What an invocation took.

    Attributes:
        milliseconds: how long the handler took.
        memory: what the function may use, in MB.
        used: the most that its process used so far, in MB.
        init: how long the environment took to start, in milliseconds, when this invocation started it.
    """

    milliseconds: float
    memory: int
    used: int
    init: float | None = None


class PlatformLog(Protocol):
    """Gives the events that come before and after a handler's own output."""

    def init_start(self, runtime: str) -> str:
        """Gives the first event of an environment, for a runtime such as `python3.12`."""

    def start(self, request_id: str, version: str) -> str:
        """Gives the event before an invocation of a version."""

    def end(self, request_id: str, outcome: Outcome, figures: Figures) -> list[str]:
        """Gives the events after an invocation."""


class TextLog:
    """Lambda's lines in plain text."""

    def init_start(self, runtime: str) -> str:
        """Gives the first line of an environment."""
        return f"INIT_START Runtime Version: {_runtime_version(runtime)}"

    def start(self, request_id: str, version: str) -> str:
        """Gives the START line."""
        return f"START RequestId: {request_id} Version: {version}"

    def end(self, request_id: str, outcome: Outcome, figures: Figures) -> list[str]:
        """Gives the END line and the REPORT line, whose fields are separated by tabs."""
        fields = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {figures.milliseconds:.2f} ms",
            f"Billed Duration: {math.ceil(figures.milliseconds)} ms",
            f"Memory Size: {figures.memory} MB",
            f"Max Memory Used: {figures.used} MB",
        ]
        if figures.init is not None:
            fields.append(f"Init Duration: {figures.init:.2f} ms")
        if outcome.timed_out:
            fields.append("Status: timeout")
        elif outcome.fatal:
            fields += ["Status: error", f"Error Type: {outcome.error}"]
        return [f"END RequestId: {request_id}", "\t".join(fields)]


@dataclass(frozen=True, slots=True)
class JsonLog:
    """Lambda's lines as JSON, with what the system log level INFO has.

    AWS docs, "Configuring JSON and plain text log formats" and "Lambda Telemetry API Event schema reference".
    """

    now: Callable[[], dt.datetime] = utc_now

    def init_start(self, runtime: str) -> str:
        """Gives `platform.initStart`."""
        return self._event(
            "initStart",
            initializationType="on-demand",
            phase="init",
            runtimeVersion=_runtime_version(runtime),
        )

    def start(self, request_id: str, version: str) -> str:
        """Gives `platform.start`."""
        return self._event("start", requestId=request_id, version=version)

    def end(self, request_id: str, outcome: Outcome, figures: Figures) -> list[str]:
        """Gives `platform.report`."""
        metrics = {
            "durationMs": round(figures.milliseconds, 3),
            "billedDurationMs": math.ceil(figures.milliseconds),
            "memorySizeMB": figures.memory,
            "maxMemoryUsedMB": figures.used,
        }
        if figures.init is not None:
            metrics["initDurationMs"] = round(figures.init, 3)
        failed = {} if outcome.error is None or outcome.timed_out else {"errorType": outcome.error}
        return [
            self._event("report", requestId=request_id, metrics=metrics, status=_status(outcome), **failed)
        ]

    def _event(self, kind: str, **record: Any) -> str:
        time = self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json.dumps({"time": time, "type": f"platform.{kind}", "record": record})


def platform_log(log_format: str) -> PlatformLog:
    """Chooses how Lambda's own lines look.

    Args:
        log_format: of the function's logging configuration, `Text` or `JSON`.

    Returns:
        What gives the lines.
    """
    return JsonLog() if log_format == "JSON" else TextLog()


def _status(outcome: Outcome) -> str:
    if outcome.timed_out:
        return "timeout"
    return "success" if outcome.error is None else "error"


def _runtime_version(runtime: str) -> str:
    return f"{runtime.replace('python', 'python:')}.local"
