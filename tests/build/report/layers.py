"""Layers that are compared and shown in tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from build.cache import Cache
from build.layer import build_layer
from build.report.described import Described, Package
from build.target import Target
from build.tree.manifest import BuiltLayer
from build.tree.options import DEFAULTS, LayerOptions
from tests.build.wheelhouse import make_wheel

Make = Callable[..., BuiltLayer]


@pytest.fixture
def make(tmp_path: Path, no_settings: Path) -> Make:
    """Builds a layer of packages: name to (version, files)."""

    def made(
        packages: Mapping[str, tuple[str, Mapping[str, bytes]]],
        *,
        options: LayerOptions = DEFAULTS,
        python: str = "3.12",
    ) -> BuiltLayer:
        house = tmp_path / "house"
        lines = ["--no-index", f"--find-links {house}"]
        for name, (version, files) in packages.items():
            make_wheel(house, name, version, files)
            lines.append(f"{name}=={version}")
        lock = tmp_path / "lock.txt"
        lock.write_text("\n".join(lines) + "\n")
        return build_layer(
            lock,
            target=Target(python, "x86_64"),
            name="deps",
            output=tmp_path / "out",
            options=options,
            cache=Cache(tmp_path / "cache"),
        )

    return made


def described(*packages: Package, digest: str | None = "a" * 64, **fields: object) -> Described:
    """A layer of which just this is known."""
    layer = Described("it", {each.name: each for each in packages}, digest=digest)
    return replace(layer, **fields)  # type: ignore[arg-type]
