"""What else makes a difference to a layer's content, beside its wheels and its target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class LayerOptions:
    """What else makes a difference to the content; part of the digest.

    Attributes:
        prefer: for a path below `python/` that several wheels ship with different bytes, the normalised name
            of the package whose file counts.
    """

    prefer: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The options as manifests and the digest have them: only those that were given."""
        return {"prefer": dict(sorted(self.prefer.items()))} if self.prefer else {}


DEFAULTS = LayerOptions()
