"""The layers that a function attaches: no more of them, and no larger together, than Lambda takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from build.console import size_of
from build.verify.sizes import MOST_LAYERS, MOST_UNZIPPED


def attached(
    name: str,
    layers: Sequence[pulumi.Input[str]],
    *,
    sizes: Sequence[pulumi.Input[int]],
    largest: Sequence[pulumi.Input[str]],
    code: int,
) -> pulumi.Output[Sequence[str]]:
    """The layers, once it is known that Lambda takes them together.

    Args:
        name: the function's, for the message.
        layers: ARNs of layer versions.
        sizes: of each unzipped, in bytes; what is not given is not counted.
        largest: the largest packages of each, a text; what could be left out.
        code: the size of the function's own code, unzipped, in bytes.

    Raises:
        pulumi.RunError: there are too many; or, when the output is waited for, they are too large.
    """
    if len(layers) > MOST_LAYERS:
        raise pulumi.RunError(
            f"the function {name} has {len(layers)} layers, and Lambda takes {MOST_LAYERS}: "
            "put several locks into one layer"
        )

    def fitting(found: Sequence[Any]) -> pulumi.Output[Sequence[str]]:
        bytes_of_layers, contents = found
        total = code + sum(map(int, bytes_of_layers))
        if total > MOST_UNZIPPED:
            named = "; ".join(each for each in contents if each)
            raise pulumi.RunError(
                f"the function {name} has {size_of(total)} unzipped with its layers, {size_of(code)} of it "
                f"code; Lambda takes {size_of(MOST_UNZIPPED)} (250 MiB): leave something out of its layers"
                + (f", of which the largest packages are {named}" if named else "")
            )
        return pulumi.Output.all(*layers)

    # The ARN of a layer that is yet to be published is unknown in a preview, its size is not: what waits for
    # both would look at neither.
    return pulumi.Output.all(pulumi.Output.all(*sizes), pulumi.Output.all(*largest)).apply(fitting)
