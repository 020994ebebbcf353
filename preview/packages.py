"""Layers before and after: their packages, sizes and digests, from a preview and from manifests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .changes import ResourceChange
from .kinds import LAYER
from .values import told


@dataclass(frozen=True, slots=True)
class Package:
    """A package of a layer.

    Attributes:
        version: as PEP 440 normalises it.
        size: of its files, in bytes; None where no manifest tells it.
    """

    version: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as one side has it.

    Attributes:
        name: the component's; empty where a manifest has none.
        digest: 64 hexadecimal digits; empty where it is not known.
        runtime: such as `python3.12`.
        architecture: such as `arm64`.
        packages: by name; None where they are not known.
        zip_size: in bytes; None where it is not known.
        unzipped_size: likewise.
        options: what else the digest is over.
    """

    name: str = ""
    digest: str = ""
    runtime: str = ""
    architecture: str = ""
    packages: Mapping[str, Package] | None = None
    zip_size: int | None = None
    unzipped_size: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package that is not the same on both sides; None where it is not there."""

    name: str
    before: Package | None
    after: Package | None


@dataclass(frozen=True, slots=True)
class LayerChange:
    """A layer on both sides; None where it is not there, or nothing is known of it.

    Attributes:
        name: the layer's.
        before: as it is deployed, or as the base branch builds it.
        after: as it would be.
    """

    name: str
    before: Layer | None
    after: Layer | None

    @property
    def is_change(self) -> bool:
        """Whether there is anything to tell."""
        if self.before is None or self.after is None:
            return True
        return self.before.digest != self.after.digest or bool(self.packages)

    @property
    def packages(self) -> tuple[PackageChange, ...]:
        """The packages that differ, by name; none where one side's are not known."""
        before = self._side(self.before)
        after = self._side(self.after)
        if before is None or after is None:
            return ()
        return tuple(
            PackageChange(name, before.get(name), after.get(name))
            for name in sorted({*before, *after})
            if _version(before.get(name)) != _version(after.get(name))
        )

    @property
    def growth(self) -> int | None:
        """By how many bytes the unzipped layer grows; None where that is not known."""
        if self.after is None or self.after.unzipped_size is None:
            return None
        before = 0 if self.before is None else self.before.unzipped_size
        return None if before is None else self.after.unzipped_size - before

    @property
    def settings(self) -> tuple[tuple[str, Any, Any], ...]:
        """Target and options that differ: name, before, after; None where there is none."""
        if self.before is None or self.after is None:
            return ()
        one, other = (
            {"runtime": each.runtime, "architecture": each.architecture, **each.options}
            for each in (self.before, self.after)
        )
        names = sorted({*one, *other})
        return tuple(
            (name, one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)
        )

    @staticmethod
    def _side(layer: Layer | None) -> Mapping[str, Package] | None:
        return {} if layer is None else layer.packages


def layer_changes(
    changes: Iterable[ResourceChange], base: Sequence[Layer], head: Sequence[Layer]
) -> tuple[LayerChange, ...]:
    """The layers of which there is something to tell.

    Args:
        changes: of the preview; a layer component's own inputs are its manifest.
        base: manifests of the base; they say what the preview lacks, such as the packages' sizes.
        head: manifests of what is proposed.
    """
    found: dict[str, LayerChange] = {}
    for change in changes:
        if change.urn.type == LAYER:
            name = change.urn.name
            found[name] = LayerChange(name, _of(change.step.old, name), _of(change.step.new, name))
    alone = len(found) == 1
    for name, each in found.items():
        found[name] = LayerChange(
            name, _enriched(each.before, base, alone=alone), _enriched(each.after, head, alone=alone)
        )
    for before, after in _paired(base, head):
        name = (after or before or Layer()).name or "layer"
        known = {layer.digest for each in found.values() for layer in (each.before, each.after) if layer}
        digests = {layer.digest for layer in (before, after) if layer and layer.digest}
        if name not in found and not (digests & known):
            found[name] = LayerChange(name, before, after)
    return tuple(each for each in found.values() if each.is_change)


def layer_from(content: Mapping[str, Any], name: str = "") -> Layer:
    """A layer by a component's inputs or by a manifest; of what is no manifest's, nothing is taken.

    Args:
        content: with `packages` as a mapping of versions (a component's inputs), or as a list (a manifest).
        name: what it is called if it does not say.
    """
    target = content.get("target")
    target = target if isinstance(target, Mapping) else {}
    options = content.get("options")
    return Layer(
        name=_text(content.get("name")) or name,
        digest=_text(content.get("digest")),
        runtime=_text(content.get("runtime")) or _text(target.get("runtime")),
        architecture=_text(content.get("architecture")) or _text(target.get("architecture")),
        packages=_packages(content.get("packages")),
        zip_size=_number(content.get("zipSize", content.get("zip_size"))),
        unzipped_size=_number(content.get("unzippedSize", content.get("unzipped_size"))),
        options=options if isinstance(options, Mapping) else {},
    )


def _of(state: Any, name: str) -> Layer | None:
    return None if state is None else layer_from(told(state), name)


def _enriched(layer: Layer | None, manifests: Sequence[Layer], *, alone: bool) -> Layer | None:
    """A layer with what its manifest tells beyond the preview: the packages' sizes."""
    if layer is None:
        return None
    same = [each for each in manifests if each.digest and each.digest == layer.digest]
    if not same and not layer.digest:
        same = [each for each in manifests if each.name == layer.name or (alone and len(manifests) == 1)]
    if not same:
        return layer
    (first, *_) = same
    return replace(
        layer,
        digest=layer.digest or first.digest,
        packages=first.packages if first.packages is not None else layer.packages,
        zip_size=layer.zip_size if layer.zip_size is not None else first.zip_size,
        unzipped_size=layer.unzipped_size if layer.unzipped_size is not None else first.unzipped_size,
    )


def _paired(base: Sequence[Layer], head: Sequence[Layer]) -> list[tuple[Layer | None, Layer | None]]:
    """Base and head by name; where each side has one, those are one layer.

    Of a side that was not given nothing is known, so that nothing is new or gone.
    """
    if not base or not head:
        return []
    if len(base) == 1 and len(head) == 1:
        return [(base[0], head[0])]
    before, after = ({each.name: each for each in side} for side in (base, head))
    return [(before.get(name), after.get(name)) for name in dict.fromkeys([*after, *before])]


def _packages(found: object) -> Mapping[str, Package] | None:
    if isinstance(found, Mapping):
        return {str(name): Package(_text(version)) for name, version in found.items()}
    if not isinstance(found, list):
        return None
    listed = [each for each in found if isinstance(each, Mapping) and _text(each.get("name"))]
    return {
        _text(each["name"]): Package(_text(each.get("version")), _number(each.get("size"))) for each in listed
    }


def _version(package: Package | None) -> str | None:
    return None if package is None else package.version


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    """A size; what the engine prints as a float is one, too."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1 << 53:
        return None
    return int(value)
