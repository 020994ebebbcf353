"""The report page: one HTML file that needs no network, made by `page.html` from what is known of a layer."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ..console import size_of
from .described import Described
from .difference import Difference, shown
from .maps import maps_of
from .rendering import as_rows, files_of, plain, signed

# AWS Lambda Developer Guide, "Lambda quotas": a function and its layers, unzipped.
LIMIT = 262_144_000


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
        autoescape=True,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"size": size_of, "files": files_of, "shown": shown, "sentence": _sentence}
    folder = Path(__file__).parent
    style, script = (folder.joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    maps, places = maps_of(layer.packages.values())
    style += places
    template = environment.from_string(folder.joinpath("page.html").read_text("utf-8"))
    return template.render(
        layer=layer,
        limit=LIMIT,
        share=_share(layer),
        maps=maps,
        total=sum(each.size or 0 for each in layer.packages.values()),
        packages=sorted(layer.packages.values(), key=lambda each: (-(each.size or 0), each.name)),
        findings=findings,
        groups=_groups(findings or ()),
        counts=_counts(findings or ()),
        since=since,
        changes=list(as_rows(since)) if since else [],
        growth=_growth(since),
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'",
    )


def _harmless(value: object) -> object:
    """What is put into the page: texts of a layer cannot turn the direction of what stands around them."""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _share(layer: Described) -> float:
    """How much of Lambda's limit the layer takes, in percent."""
    return round(100 * (layer.unzipped_size or 0) / LIMIT, 1)


def _sentence(line: str) -> str:
    return line[:1].upper() + line[1:]


def _growth(since: Difference | None) -> str:
    if since is None or since.before.unzipped_size is None or since.after.unzipped_size is None:
        return ""
    return signed(since.after.unzipped_size - since.before.unzipped_size)


def _groups(findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The findings of each level and package together, in their order."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for each in findings:
        groups.setdefault((each["level"], each["package"]), []).append(each)
    return [
        {"level": level, "package": package, "findings": found} for (level, package), found in groups.items()
    ]


def _counts(findings: Sequence[Mapping[str, Any]]) -> str:
    """How many findings of each level there are."""
    levels = Counter(str(each["level"]) for each in findings)
    return ", ".join(f"{count} {level}{'s' * (count != 1)}" for level, count in levels.items()) or "none"


def _hash(text: str) -> str:
    """A Content Security Policy source for an inline text (CSP Level 3, 2.3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
