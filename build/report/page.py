"""The report page: one HTML file that needs no network, made by `page.html` from what is known of a layer."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from .described import Described, Package
from .difference import Difference, shown
from .rendering import as_rows, signed, size_of
from .treemap import Cell, squarified

# AWS Lambda Developer Guide, "Lambda quotas": a function and its layers, unzipped.
LIMIT = 262_144_000
_WHOLE = Cell(0, 0, 200, 100)
_COLOURS = 8
# What the style sheet gives the map, in pixels, on a desktop and on a phone; and what a name takes of it.
_DESKTOP = Cell(0, 0, 1000, 480)
_PHONE = Cell(0, 0, 320, 540)
_LETTERS = {_DESKTOP: 7.6, _PHONE: 6.4}
_LINE, _MARGIN = 18, 14


def page(layer: Described, findings: Sequence[Mapping[str, Any]] | None, since: Difference | None) -> str:
    """Writes the report of a layer.

    Args:
        layer: what is shown; its packages have sizes.
        findings: what verification found, as `level, package, file, what, todo`; None where nothing was
            verified.
        since: how it differs from another build.

    Returns:
        HTML. The same layer gives the same page.
    """
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters |= {"size": size_of, "shown": shown}
    folder = Path(__file__).parent
    style, script = (folder.joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    template = environment.from_string(folder.joinpath("page.html").read_text("utf-8"))
    return template.render(
        layer=layer,
        limit=LIMIT,
        share=_share(layer),
        cells=_cells(layer.packages.values()),
        packages=sorted(layer.packages.values(), key=lambda each: (-(each.size or 0), each.name)),
        findings=findings,
        since=since,
        changes=list(as_rows(since)) if since else [],
        growth=_growth(since),
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'",
    )


def _share(layer: Described) -> float:
    """How much of Lambda's limit the layer takes, in percent."""
    return round(100 * (layer.unzipped_size or 0) / LIMIT, 1)


def _growth(since: Difference | None) -> str:
    if since is None or since.before.unzipped_size is None or since.after.unzipped_size is None:
        return ""
    return signed(since.after.unzipped_size - since.before.unzipped_size)


def _cells(packages: Iterable[Package]) -> list[dict[str, Any]]:
    """The packages as rectangles in percent of the map."""
    ordered = sorted(
        (each for each in packages if each.size), key=lambda each: (-(each.size or 0), each.name)
    )
    found = []
    total = sum(each.size or 0 for each in ordered)
    for place, (package, cell) in enumerate(
        zip(ordered, squarified([each.size or 0 for each in ordered], _WHOLE), strict=True)
    ):
        width, height = cell.width / _WHOLE.width * 100, cell.height / _WHOLE.height * 100
        found.append(
            {
                "package": package,
                "x": f"{cell.x / _WHOLE.width * 100:.3f}",
                "y": f"{cell.y / _WHOLE.height * 100:.3f}",
                "width": f"{width:.3f}",
                "height": f"{height:.3f}",
                "share": f"{100 * (package.size or 0) / total:.1f}",
                "colour": place % _COLOURS,
                "lines": _lines(package, width, height, _DESKTOP),
                "phone_lines": _lines(package, width, height, _PHONE),
            }
        )
    return found


def _lines(package: Package, width: float, height: float, screen: Cell) -> int:
    """How many lines have room in a rectangle: a name and a size, a name alone, or none."""
    needed = max(len(package.name), 7) * _LETTERS[screen] + _MARGIN
    if width / 100 * screen.width < needed:
        return 0
    return min(int((height / 100 * screen.height - _MARGIN / 2) // _LINE), 2)


def _hash(text: str) -> str:
    """A Content Security Policy source for an inline text (CSP Level 3, 2.3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
