"""The names by which operations are given functions and layers: bare or ARN, perhaps with a qualifier."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local import limits

from .errors import broken_constraints, invalid, not_found

LATEST = "$LATEST"
# API reference, "FunctionName" of CreateFunction: name, ARN, or partial ARN.
_FUNCTION = re.compile(
    r"(?:arn:[^:]+:lambda:(?P<region>[^:]*):)?(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9_.-]+)(?::(?P<qualifier>[^:]+))?"
)
_LAYER = re.compile(
    r"arn:[^:]+:lambda:(?P<region>[^:]*):\d{12}:layer:(?P<name>[a-zA-Z0-9_-]+)(?::(?P<version>\d+))?"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A region of an account, which gives all ARNs their form."""

    region: str
    account: str
    partition: str

    def function_arn(self, name: str, qualifier: str | None = None) -> str:
        """The ARN of a function, or of one of its versions or aliases."""
        arn = f"{self._prefix}:function:{name}"
        return f"{arn}:{qualifier}" if qualifier else arn

    def layer_arn(self, name: str) -> str:
        """The ARN of a layer, without a version."""
        return f"{self._prefix}:layer:{name}"

    def mapping_arn(self, uuid: str) -> str:
        """The ARN of an event source mapping."""
        return f"{self._prefix}:event-source-mapping:{uuid}"

    @property
    def _prefix(self) -> str:
        return f"arn:{self.partition}:lambda:{self.region}:{self.account}"


def parse_function(place: Place, given: str, qualifier: str | None = None) -> tuple[str, str | None]:
    """Splits what names a function.

    Args:
        place: where the operation takes place.
        given: a name or ARN, perhaps with a qualifier; already checked against the model's pattern.
        qualifier: the operation's own `Qualifier`.

    Returns:
        The bare name and the qualifier, if any.

    Raises:
        LambdaError: the function is elsewhere, or the two qualifiers differ.
    """
    found = _FUNCTION.fullmatch(given)
    if found is None:
        raise not_found(f"Function not found: {given}")
    if found["region"] and found["region"] != place.region:
        raise not_found(
            f"Functions from '{found['region']}' are not reachable in this region ('{place.region}')"
        )
    if found["account"] and found["account"] != place.account:
        raise not_found(f"Function not found: {given}")
    if found["qualifier"] and qualifier and found["qualifier"] != qualifier:
        raise invalid("The derived qualifier from the function name does not match the specified qualifier.")
    return found["name"], found["qualifier"] or qualifier or None


def check_new_function(name: str) -> None:
    """Refuses a name that no new function can have.

    Raises:
        LambdaError: it is longer than 64 characters.
    """
    if len(name) > limits.FUNCTION_NAME:
        fault = (
            f"Value '{name}' at 'functionName' failed to satisfy constraint: "
            f"Member must have length less than or equal to {limits.FUNCTION_NAME}"
        )
        raise broken_constraints([fault])


def parse_layer(place: Place, given: str) -> str:
    """Gives the bare name of a layer that is given as name or ARN.

    Raises:
        LambdaError: the layer is in another region.
    """
    found = _LAYER.fullmatch(given)
    if found is None:
        return given
    if found["region"] != place.region:
        raise not_found(
            f"Layers from '{found['region']}' are not reachable in this region ('{place.region}')"
        )
    return found["name"]


def parse_layer_version(arn: str) -> tuple[str, str, int] | None:
    """Splits the ARN of a layer version into region, layer name and number, or gives None."""
    found = _LAYER.fullmatch(arn)
    if found is None or found["version"] is None:
        return None
    return found["region"], found["name"], int(found["version"])
