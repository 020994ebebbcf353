"""What an invocation runs."""

from __future__ import annotations

from dataclasses import dataclass

from local.runtime.deployment import Deployment

from .configuration import log_group
from .records import Function, Version
from .store import Region


@dataclass(frozen=True, slots=True)
class Target:
    """What an invocation runs, and under which ARN it was called."""

    region: Region
    function: Function
    version: Version
    qualifier: str | None

    @property
    def invoked_arn(self) -> str:
        """The function's ARN with the caller's qualifier, if any."""
        return self.region.place.function_arn(self.function.name, self.qualifier)


def deployment_of(target: Target) -> Deployment:
    """What the runtime needs to run the target."""
    configuration = target.version.configuration
    place = target.region.place
    return Deployment(
        key=target.version.deployment,
        function_name=target.function.name,
        version=target.version.number,
        function_arn=target.function.arn,
        handler=configuration.handler,
        runtime=configuration.runtime,
        architecture=configuration.architectures[0],
        code_zip=target.version.code.path,
        layer_zips=tuple(layer.archive.path for layer in configuration.layers),
        environment=dict(configuration.environment or {}),
        timeout=configuration.timeout,
        memory=configuration.memory,
        log_group=log_group(configuration, target.function.name),
        log_format=configuration.logging.format,
        log_level=configuration.logging.application_level,
        region=place.region,
        account=place.account,
    )
