"""The bill of materials of a layer, as CycloneDX; the same layer has the same bytes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..lock.markers import marker_environment
from ..target import Target
from ..tree.manifest import LayerPackage
from .licences import Notes

# A name space of our own for identifiers that follow from a digest (RFC 9562, version 5).
_SPACE = uuid.UUID("b7d3a1de-2f0e-5c52-9d6f-6c616d696e61")
_FORMAT = 1


def sbom(
    name: str,
    digest: str,
    target: Target,
    packages: Mapping[LayerPackage, Notes],
) -> bytes:
    """Writes the bill of materials of a layer.

    It names no time and no tool's version, so it changes only with the layer.

    Args:
        name: the layer's.
        digest: the layer's.
        target: what the layer is for; markers of requirements are evaluated for it.
        packages: what is in it, each with what it says of itself.

    Returns:
        JSON of CycloneDX 1.6 ("CycloneDX specification overview").
    """
    bom = Bom(serial_number=uuid.uuid5(_SPACE, f"{_FORMAT} {name} {digest}"))
    # The library's default is the time of writing.
    bom.metadata.timestamp = None  # type: ignore[assignment]
    layer = Component(
        name=name,
        version=digest,
        type=ComponentType.APPLICATION,
        bom_ref="layer",
        properties=[
            Property(name="lamina:runtime", value=target.runtime),
            Property(name="lamina:architecture", value=target.architecture),
        ],
    )
    bom.metadata.component = layer
    components = {package.name: _component(package, notes) for package, notes in packages.items()}
    bom.components = components.values()
    bom.register_dependency(layer, components.values())
    environment = marker_environment(target)
    for package, notes in packages.items():
        needed = {
            required for line in notes.requires if (required := _required(line, environment)) in components
        }
        bom.register_dependency(components[package.name], [components[each] for each in sorted(needed)])
    return (JsonV1Dot6(bom).output_as_string(indent=1) + "\n").encode()


def _component(package: LayerPackage, notes: Notes) -> Component:
    purl = PackageURL("pypi", None, package.name, package.version)
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        purl=purl,
        description=notes.summary or None,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=package.sha256)],
        licenses=[LicenseFactory().make_from_string(notes.licence)] if notes.licence else None,
        properties=[
            Property(name="lamina:wheel", value=package.wheel),
            Property(name="lamina:size", value=str(package.size)),
            Property(name="lamina:files", value=str(package.files)),
        ],
    )


def _required(line: str, environment: dict[str, str]) -> str | None:
    """The package that a `Requires-Dist` line asks for on a target; None where it does not."""
    try:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({**environment, "extra": ""}):
            return None
    except (KeyError, ValueError):
        # No requirement, or a marker that compares what cannot be compared: verification tells of those.
        return None
    return str(canonicalize_name(requirement.name))
