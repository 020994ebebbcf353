"""Writes what functions log to the embedded CloudWatch Logs."""

from __future__ import annotations

import time

from moto.logs.models import LogGroup, logs_backends

from local.runtime.deployment import InvocationResult

from .names import Place


def write_log(place: Place, group_name: str, result: InvocationResult) -> None:
    """Writes the log of one invocation.

    A group that does not exist is not made: functions whose role has no right to create groups log to
    nowhere in Lambda, too.

    Args:
        place: where the function is.
        group_name: the function's log group.
        result: has the events and the stream.
    """
    group: LogGroup | None = logs_backends[place.account][place.region].groups.get(group_name)
    if group is None or not result.events:
        return
    if result.log_stream not in group.streams:
        group.create_log_stream(result.log_stream)
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": f"{event}\n"} for event in result.events]
    group.put_log_events(result.log_stream, events)
