"""Locks of 1, 2, 4 and 8 times the sample's wheels: does time grow with bytes and files, and no faster?"""

from __future__ import annotations

import hashlib
from pathlib import Path

from build.tree.archive import write_zip
from build.tree.placed import PlannedFile
from build.wheel.facts import files_of
from build.wheel.reading import read_facts
from build.wheel.record import record_text

from .comparison import Comparison
from .ways import lamina

TIMES = (1, 2, 4, 8)


def growth(wheels: Path, home: Path) -> Comparison:
    """The layers of one to eight copies of the same wheels, caches warm.

    Args:
        wheels: a folder with the wheels.
        home: where copies and locks are put.
    """
    locks = [_lock(wheels, home, times) for times in TIMES]
    ways = [
        lamina(f"{times}x the wheels", lock, most=times) for times, lock in zip(TIMES, locks, strict=True)
    ]
    return Comparison("growth", "Layers of copies of the sample's wheels", ways)


def _lock(wheels: Path, home: Path, times: int) -> Path:
    house = home / "copies"
    house.mkdir(exist_ok=True)
    lines = ["--no-index", f"--find-links {house}"]
    for number in range(times):
        for place, wheel in enumerate(sorted(wheels.glob("*.whl"))):
            name = f"copy{number}of{place}"
            _copy(wheel, name, house / f"{name}-1-py3-none-any.whl")
            lines.append(f"{name}==1")
    lock = home / f"times{times}.txt"
    lock.write_text("\n".join(lines) + "\n")
    return lock


def _copy(wheel: Path, name: str, target: Path) -> None:
    """Puts a wheel's files into a package folder of another name, packed as they are."""
    if target.exists():
        return
    info = f"{name}-1.dist-info"
    files = [
        PlannedFile(f"{name}/{file.path}", file.executable, file.sha256, wheel.name, file, b"")
        for file in files_of(read_facts(wheel, wheel.name))
    ]
    files += [
        _written(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n"),
        _written(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
    ]
    listed = ((file.path, file.sha256, file.file.size if file.file else len(file.content)) for file in files)
    files.append(_written(f"{info}/RECORD", record_text(listed, f"{info}/RECORD")))
    with target.open("wb") as stream:
        write_zip(files, stream, wheel.parent.joinpath)


def _written(path: str, text: str) -> PlannedFile:
    content = text.encode()
    return PlannedFile(path, False, hashlib.sha256(content).hexdigest(), None, None, content)
