"""How two layers differ, and in one line why their digests do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .described import Described, Package

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Files:
    """How many files of a package are new, gone and different.

    Attributes:
        added: paths that only the later has.
        removed: paths that only the earlier has.
        changed: paths that both have, with different content.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A package that is in both, and not the same.

    Attributes:
        before: as it was.
        after: as it is.
        files: what differs, where both zips were read.
    """

    before: Package
    after: Package
    files: Files | None

    @property
    def name(self) -> str:
        """The package's name."""
        return self.after.name


@dataclass(frozen=True, slots=True)
class Difference:
    """How two layers differ.

    Attributes:
        before: the earlier.
        after: the later.
        added: packages that only the later has.
        removed: packages that only the earlier has.
        changed: packages that are not the same.
        settings: target and options that differ: (name, before, after), None where there is none.
    """

    before: Described
    after: Described
    added: tuple[Package, ...]
    removed: tuple[Package, ...]
    changed: tuple[Change, ...]
    settings: tuple[tuple[str, Any, Any], ...]

    @property
    def is_same(self) -> bool:
        """Whether there is nothing to tell: the same content, in the same bytes where those are known."""
        if self.added or self.removed or self.changed or self.settings:
            return False
        return _agree(self.before.digest, self.after.digest) and _agree(
            self.before.zip_sha256, self.after.zip_sha256
        )

    def reason(self) -> str:
        """Why the digest changed, or that it did not, in one line."""
        known = self.before.digest and self.after.digest
        if known and self.before.digest == self.after.digest:
            if _agree(self.before.zip_sha256, self.after.zip_sha256):
                return "the digest is the same"
            return "the digest is the same: other wheels of the same content were packed"
        if self.is_same:
            return "nothing differs that is known of both"
        head = "the digest changed: " if known else ""
        return head + ("; ".join(self._reasons()) or "files differ that are no package's")

    def _reasons(self) -> Iterator[str]:
        moved = [each for each in self.changed if each.before.version != each.after.version]
        kinds = (
            ("", [f"{each.name} {each.before.version} → {each.after.version}" for each in moved]),
            ("added ", [_named(each) for each in self.added]),
            ("removed ", [_named(each) for each in self.removed]),
        )
        for verb, names in kinds:
            if names:
                yield verb + _listed(names)
        for name, before, after in self.settings:
            yield f"{name}: {shown(before)} → {shown(after)}"
        rest = [each for each in self.changed if each not in moved]
        for verb, of_lock in (("other files in", False), ("other hashes of", True)):
            others = [_named(each.after) for each in rest if (each.after.locked is not None) is of_lock]
            if others:
                yield f"{verb} {_listed(others)}"


def difference(before: Described, after: Described) -> Difference:
    """Compares two layers by what is known of both."""
    both = before.packages.keys() & after.packages.keys()
    changes = (_change(before.packages[name], after.packages[name]) for name in sorted(both))
    return Difference(
        before=before,
        after=after,
        added=tuple(after.packages[name] for name in sorted(after.packages.keys() - both)),
        removed=tuple(before.packages[name] for name in sorted(before.packages.keys() - both)),
        changed=tuple(change for change in changes if change is not None),
        settings=tuple(_settings(before, after)),
    )


def _change(before: Package, after: Package) -> Change | None:
    files = None
    if before.contents is not None and after.contents is not None:
        files = _files(before.contents, after.contents)
    differs = before.version != after.version or not all(
        _agree(*pair)
        for pair in (
            (before.size, after.size),
            (before.files, after.files),
            (before.sha256, after.sha256),
            (before.locked, after.locked),
        )
    )
    if differs or (files and (files.added or files.removed or files.changed)):
        return Change(before, after, files)
    return None


def _files(before: Mapping[str, tuple[int, int]], after: Mapping[str, tuple[int, int]]) -> Files:
    both = before.keys() & after.keys()
    return Files(
        added=tuple(sorted(after.keys() - both)),
        removed=tuple(sorted(before.keys() - both)),
        changed=tuple(sorted(path for path in both if before[path] != after[path])),
    )


def _settings(before: Described, after: Described) -> list[tuple[str, Any, Any]]:
    found = []
    if before.target and after.target:
        found += [
            (name, before.target.get(name), after.target.get(name)) for name in ("runtime", "architecture")
        ]
    if before.digest and after.digest:
        names = sorted(before.options.keys() | after.options.keys())
        found += [(name, before.options.get(name), after.options.get(name)) for name in names]
    return [each for each in found if each[1] != each[2]]


def _agree(one: object, other: object) -> bool:
    return one is None or other is None or one == other


def _named(package: Package) -> str:
    if not package.name:
        return "files of no package"
    return f"{package.name} {package.version}".strip()


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def shown(value: object) -> str:
    """A setting's value as people read it."""
    if value is None or value is False:
        return "none"
    if value is True:
        return "yes"
    if isinstance(value, Mapping):
        # An interpreter: what its bytecode begins with follows from its version.
        if value.keys() == {"magic", "python"}:
            return str(value["python"])
        return ", ".join(f"{key}={each}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    return str(value)
