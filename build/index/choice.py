"""Which of an index's files is installed for a pin: the decision, apart from network and disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet
from packaging.tags import Tag
from packaging.utils import BuildTag
from packaging.version import Version

from ..lock.markers import python_full_version
from ..lock.requirements import Pin
from ..target import Target
from ..wheel.filename import parse_filename
from .simple import ProjectFile
from .tags import supported_tags


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel's name, taken apart."""

    file: ProjectFile
    version: Version
    build: BuildTag
    tags: frozenset[Tag]


class Chooser:
    """Picks wheels for one target, by the rules by which pip picks them.

    Yanked files lose to others, a higher version (only a local part can differ) wins, then the better tag,
    then the higher build number (pip's `CandidateEvaluator`). A file that the lock's hashes do not know is
    not eligible; one whose hash the index does not tell is, after those that match, and is checked when it
    has come.
    """

    def __init__(self, target: Target, *, newest_glibc: int | None = None) -> None:
        self.target = target
        tags = supported_tags(target, newest_glibc=newest_glibc)
        self._ranks: Mapping[Tag, int] = {tag: place for place, tag in reversed(list(enumerate(tags)))}
        self._python = python_full_version(target)

    def choose(self, pin: Pin, files: Iterable[ProjectFile]) -> Wheel | None:
        """Gives the best wheel, or None when no file is eligible.

        Args:
            pin: what is wanted.
            files: what the index has for the pin's version.
        """
        eligible = [
            wheel
            for wheel in wheels(files)
            if self.rank(wheel) is not None
            and hash_allowed(pin, wheel.file) is not False
            and self.python_allowed(wheel.file)
        ]
        return max(eligible, key=lambda wheel: self._worth(pin, wheel), default=None)

    def rank(self, wheel: Wheel) -> int | None:
        """The place of the wheel's best tag among the target's, 0 being the best; None when it has none."""
        return min((self._ranks[tag] for tag in wheel.tags if tag in self._ranks), default=None)

    def python_allowed(self, file: ProjectFile) -> bool:
        """Says whether `Requires-Python` holds on the target, as far as the index tells it."""
        return self.python_fits(file.requires_python)

    def python_fits(self, requires_python: str | None) -> bool:
        """The same of a wheel's own `Requires-Python`; as in pip, one that cannot be read holds."""
        try:
            return SpecifierSet(requires_python or "").contains(self._python, prereleases=True)
        except ValueError:
            return True

    def _worth(self, pin: Pin, wheel: Wheel) -> tuple[bool, bool, Version, int, BuildTag]:
        rank = self.rank(wheel)
        return (
            hash_allowed(pin, wheel.file) is True,
            wheel.file.yanked is None,
            wheel.version,
            -(rank if rank is not None else len(self._ranks)),
            wheel.build,
        )


def wheels(files: Iterable[ProjectFile]) -> Sequence[Wheel]:
    """Takes apart the names of the wheels among files; other names are passed over, as in pip."""
    found = []
    for file in files:
        if not file.filename.endswith(".whl"):
            continue
        try:
            _, version, build, tags = parse_filename(file.filename)
        except ValueError:
            continue
        found.append(Wheel(file, version, build, tags))
    return found


def hash_allowed(pin: Pin, file: ProjectFile) -> bool | None:
    """Compares the hashes that the index tells with the lock's.

    Returns:
        True when one is in the lock, False when the index tells one of a kind that the lock has and it is
        another, None when that cannot be said before the file is here.
    """
    algorithms = {entry.partition(":")[0] for entry in pin.hashes}
    told = {f"{name}:{digits.lower()}" for name, digits in file.hashes.items() if name in algorithms}
    if not told:
        return None
    return bool(told & pin.hashes)
