"""Event source mappings from SQS queues to functions, versions and aliases."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import clock
from .errors import LambdaError, invalid, not_found
from .mapping_checks import check_mapping, check_new
from .names import parse_function
from .paging import page_of
from .polling import Pollers
from .records import Mapped
from .running import Run
from .store import Region, Store
from .tags import check_tags

Answer = dict[str, Any]
DEFAULT_BATCH = 10


class Mappings:
    """The operations on mappings, and the pollers that serve them.

    Args:
        store: where mappings are.
        run: invokes a function.
    """

    def __init__(self, store: Store, run: Run) -> None:
        self._pollers = Pollers(store, run)

    def operations(self) -> dict[str, Callable[..., Answer]]:
        """The operations by their names."""
        return {
            "CreateEventSourceMapping": self.create,
            "UpdateEventSourceMapping": self.update,
            "DeleteEventSourceMapping": self.delete,
            "GetEventSourceMapping": get_event_source_mapping,
            "ListEventSourceMappings": list_event_source_mappings,
        }

    def create(
        self,
        region: Region,
        *,
        function_name: str,
        event_source_arn: str | None = None,
        enabled: bool = True,
        batch_size: int | None = None,
        maximum_batching_window_in_seconds: int = 0,
        function_response_types: Sequence[str] = (),
        scaling_config: Mapping[str, Any] | None = None,
        metrics_config: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Answer:
        """CreateEventSourceMapping."""
        if event_source_arn is None:
            raise invalid("The local Lambda service serves event source mappings with an EventSourceArn only")
        check_tags(tags or {})
        now = region.tools.clock()
        name, qualifier = parse_function(region.place, function_name)
        mapped = Mapped(
            uuid=region.tools.new_id(),
            function=name,
            qualifier=qualifier,
            source_arn=event_source_arn,
            enabled=enabled,
            batch_size=DEFAULT_BATCH if batch_size is None else batch_size,
            window=maximum_batching_window_in_seconds,
            response_types=tuple(function_response_types),
            concurrency=(scaling_config or {}).get("MaximumConcurrency"),
            metrics=tuple((metrics_config or {}).get("Metrics", ())),
            modified=now,
            settled_from=now + region.tools.delay,
            changing="Creating",
            tags=dict(tags or {}),
        )
        check_mapping(region, mapped)
        check_new(region, mapped)
        region.mappings[mapped.uuid] = mapped
        self._pollers.serve(region, mapped)
        return _shown(region, mapped, fresh=True)

    def update(
        self,
        region: Region,
        *,
        uuid: str,
        function_name: str | None = None,
        enabled: bool | None = None,
        batch_size: int | None = None,
        maximum_batching_window_in_seconds: int | None = None,
        function_response_types: Sequence[str] | None = None,
        scaling_config: Mapping[str, Any] | None = None,
        metrics_config: Mapping[str, Any] | None = None,
    ) -> Answer:
        """UpdateEventSourceMapping: what is not given stays as it is."""
        before = _existing(region, uuid)
        _check_settled(region, before)
        now = region.tools.clock()
        changes: dict[str, Any] = {
            "enabled": enabled,
            "batch_size": batch_size,
            "window": maximum_batching_window_in_seconds,
            "response_types": None if function_response_types is None else tuple(function_response_types),
            "metrics": None if metrics_config is None else tuple(metrics_config.get("Metrics", ())),
        }
        if function_name is not None:
            changes["function"], qualifier = parse_function(region.place, function_name)
            before = dataclasses.replace(before, qualifier=qualifier)
        if scaling_config is not None:
            before = dataclasses.replace(before, concurrency=scaling_config.get("MaximumConcurrency"))
        after = dataclasses.replace(
            before,
            **{field: value for field, value in changes.items() if value is not None},
            modified=now,
            settled_from=now + region.tools.delay,
            changing="Updating",
        )
        check_mapping(region, after)
        region.mappings[uuid] = after
        self._pollers.serve(region, after)
        return _shown(region, after, fresh=True)

    def delete(self, region: Region, *, uuid: str) -> Answer:
        """DeleteEventSourceMapping."""
        mapped = _existing(region, uuid)
        _check_settled(region, mapped)
        del region.mappings[uuid]
        return _shown(region, mapped) | {"State": "Deleting"}

    def close(self) -> None:
        """Ends all polling."""
        self._pollers.close()


def get_event_source_mapping(region: Region, *, uuid: str) -> Answer:
    """GetEventSourceMapping."""
    return _shown(region, _existing(region, uuid))


def list_event_source_mappings(
    region: Region,
    *,
    event_source_arn: str | None = None,
    function_name: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Answer:
    """ListEventSourceMappings, of a queue or a function (with exactly that qualifier)."""
    wanted = parse_function(region.place, function_name) if function_name else None
    found = [
        _shown(region, mapped)
        for mapped in region.mappings.values()
        if event_source_arn in {None, mapped.source_arn}
        and (wanted is None or wanted == (mapped.function, mapped.qualifier))
    ]
    page, following = page_of(found, marker, max_items)
    return {"EventSourceMappings": page, "NextMarker": following}


def _existing(region: Region, uuid: str) -> Mapped:
    if uuid not in region.mappings:
        raise not_found("The resource you requested does not exist.")
    return region.mappings[uuid]


def _check_settled(region: Region, mapped: Mapped) -> None:
    if region.tools.clock() < mapped.settled_from:
        raise LambdaError(
            "ResourceInUseException",
            "Cannot update the event source mapping because it is in use.",
        )


def _shown(region: Region, mapped: Mapped, *, fresh: bool = False) -> Answer:
    settled = region.tools.clock() >= mapped.settled_from and not fresh
    modified: dt.datetime = mapped.modified
    return {
        "UUID": mapped.uuid,
        "EventSourceMappingArn": region.place.mapping_arn(mapped.uuid),
        "EventSourceArn": mapped.source_arn,
        "FunctionArn": region.place.function_arn(mapped.function, mapped.qualifier),
        "BatchSize": mapped.batch_size,
        "MaximumBatchingWindowInSeconds": mapped.window,
        "FunctionResponseTypes": list(mapped.response_types),
        "ScalingConfig": {"MaximumConcurrency": mapped.concurrency} if mapped.concurrency else None,
        "MetricsConfig": {"Metrics": list(mapped.metrics)} if mapped.metrics else None,
        "LastModified": clock.seconds(modified),
        "LastProcessingResult": mapped.last_result,
        "State": ("Enabled" if mapped.enabled else "Disabled") if settled else mapped.changing,
        "StateTransitionReason": "USER_INITIATED",
    }
