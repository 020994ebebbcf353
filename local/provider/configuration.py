"""The provider's own configuration: which inputs it takes, and what they come to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .aws import Settings
from .check import Failure
from .errors import ProviderError
from .values import UNKNOWN, State, reveal

_IGNORED = frozenset({"version", "pluginDownloadURL", "parameterization"})
"""The engine's own settings for a provider."""
_VALIDATION = frozenset(
    {
        "skipCredentialsValidation", "skipMetadataApiCheck", "skipRegionValidation",
        "skipRequestingAccountId", "s3UsePathStyle",
    }
)  # fmt: skip
_KNOWN = frozenset({"region", "accessKey", "secretKey", "token", "defaultTags"}) | _VALIDATION


def check_configuration(inputs: Mapping[str, Any]) -> list[Failure]:
    """What is wrong with the provider's inputs: those that it does not know."""
    unknown = sorted(set(inputs) - _KNOWN - _IGNORED)
    return [
        Failure(name, f"the provider setting aws:{name} is not known to the stand-in") for name in unknown
    ]


def settings(inputs: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """The settings that inputs and environment come to.

    Raises:
        ProviderError: when there is no region, or a setting is unknown or not of its form.
    """
    given = reveal(inputs)
    failures = check_configuration(given)
    if failures:
        raise ProviderError("; ".join(failure.reason for failure in failures))
    region = given.get("region") or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if not region or region is UNKNOWN:
        raise ProviderError(
            "Missing region information: set aws:region in the stack's configuration, or AWS_REGION"
        )
    return Settings(
        region=str(region),
        default_tags=_default_tags(given),
        access_key=given.get("accessKey"),
        secret_key=given.get("secretKey"),
        token=given.get("token"),
    )


def _default_tags(given: State) -> dict[str, str]:
    tags = given.get("defaultTags") or {}
    try:
        parsed = json.loads(tags) if isinstance(tags, str) else tags
        return {str(name): str(value) for name, value in (parsed.get("tags") or {}).items()}
    except (ValueError, AttributeError):
        raise ProviderError('aws:defaultTags must be an object such as {"tags": {"team": "one"}}') from None
