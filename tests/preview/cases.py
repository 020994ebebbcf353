"""Previews and what is said of them: `python -m tests.preview.cases` writes the expected comments anew.

Each `NAME.json` was printed by `pulumi preview --json` (3.260) or, where the name says so, by the stand-in,
over the project's stack on the embedded AWS. Left out are the refreshes of what nothing happens to, outputs
that no difference is about, and where in the program a resource is made.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from preview.document import COMMENT, as_markdown
from preview.manifests import read_manifests
from preview.pieces import Room
from preview.reading import read_preview
from preview.report import report_on

FOLDER = Path(__file__).parents[1] / "data/previews"
MANIFESTS = (FOLDER / "base.manifest.json", FOLDER / "head.manifest.json")
NAMES = sorted(path.stem for path in FOLDER.glob("*.json") if path not in MANIFESTS)
COPIES = 15


def given(name: str) -> str:
    """A preview's text; `huge` is many stacks' first deployments in one."""
    if name != "huge":
        return (FOLDER / f"{name}.json").read_text("utf-8")
    return json.dumps(huge())


def huge() -> dict[str, Any]:
    """Thousands of resources: the first deployment, many times under other names."""
    text = given("first")
    found: dict[str, Any] = json.loads(text)
    for number in range(COPIES):
        copied = json.loads(text)
        for step in copied["steps"][1:]:
            renamed = json.loads(json.dumps(step).replace("lamina:index:", f"lamina{number}:index:"))
            found["steps"].append(renamed)
    return found


def comment(name: str, room: Room = COMMENT) -> str:
    """What is said of a preview; of a changed layer with its manifests."""
    base, head = (read_manifests([path]) for path in MANIFESTS) if name in {"layer", "drift"} else ([], [])
    return as_markdown(report_on(read_preview(given(name)), base=base, head=head), room)


if __name__ == "__main__":
    for each in [*NAMES, "huge"]:
        (FOLDER / f"{each}.md").write_text(comment(each), "utf-8")
