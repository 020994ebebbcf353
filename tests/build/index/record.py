"""Records what the index has of every package of the sample's lock: `python -m tests.build.index.record`."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

from build.index.indexes import Indexes
from build.index.settings import read_settings
from build.index.simple import Wanted
from build.index.sources import read_sources
from build.index.transport import Transport
from build.lock.lines import read_lines
from build.lock.markers import marker_environment
from build.lock.pinning import default_index
from build.lock.requirements import Pin, read_requirements
from build.target import ARCHITECTURES, RUNTIMES, Target

PROJECT = Path(__file__).resolve().parents[3]
RECORD = PROJECT / "tests" / "data" / "index" / "sample-lock.json"
TARGETS = [Target(python, architecture) for python in RUNTIMES for architecture in ARCHITECTURES]


def pins(target: Target) -> tuple[Pin, ...]:
    """What the sample's lock pins for a target."""
    lines = read_lines(PROJECT / "app" / "requirements.txt")
    return read_requirements(lines, marker_environment(target)).pins


def main() -> None:
    """Asks the index that this machine is set up for."""
    settings = read_settings(read_sources())
    versions = {pin.name: pin.version for target in TARGETS for pin in pins(target)}
    index = default_index() if None in settings.indexes else None
    urls = tuple(url or index or "" for url in settings.indexes)
    with Transport(settings, urls, stop=Event()) as transport:
        places = Indexes(settings, index, transport)._places

        def recorded(name: str) -> dict[str, Any]:
            wanted = Wanted(name, versions[name])
            files = {
                file.filename: file.requires_python for place in places for file in place.files(wanted) or ()
            }
            return {"version": str(versions[name]), "files": dict(sorted(files.items()))}

        with ThreadPoolExecutor(8) as threads:
            rows = dict(zip(sorted(versions), threads.map(recorded, sorted(versions)), strict=True))
    # A line for each package: that is what a diff should show.
    lines = (f"{json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}" for name, row in rows.items())
    RECORD.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
