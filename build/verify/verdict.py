"""The verdict on a layer: what it was looked at for, and all that was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..console import counted
from ..errors import UserError
from .findings import ERROR, WARNING, Finding, Share


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a layer is looked at for, beside what every layer is.

    Attributes:
        require: modules that must be there and, where an interpreter of the target's version is at hand, must
            be importable; dotted names.
        beside: what the function's code and its other layers have unzipped, in bytes.
        layers: how many layers the function will have.
    """

    require: tuple[str, ...] = ()
    beside: int = 0
    layers: int = 1

    @classmethod
    def of(cls, require: Iterable[str] = (), *, beside: int = 0, layers: int = 1) -> Wanted:
        """What is wanted, in one spelling.

        Raises:
            UserError: something is no module's name, or a number makes no sense.
        """
        names = tuple(sorted(set(require)))
        faults = [
            f"{each!r} is not the name of a module; write it as an import does, such as PIL.Image"
            for each in names
            if not all(part.isidentifier() for part in each.split("."))
        ]
        if beside < 0:
            faults.append(f"{beside} bytes beside the layer make no sense")
        if layers < 1:
            faults.append(f"{layers} layers make no sense: this is one")
        if faults:
            raise UserError(*faults)
        return cls(names, beside, layers)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found.

    Attributes:
        findings: errors first, then by package and file.
        largest: the largest packages, the largest first.
    """

    findings: tuple[Finding, ...]
    largest: tuple[Share, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What will not work."""
        return tuple(each for each in self.findings if each.level == ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What may not work."""
        return tuple(each for each in self.findings if each.level == WARNING)

    def as_json(self) -> dict[str, Any]:
        """The verdict as the command line prints it."""
        return {
            "ok": not self.errors,
            "findings": [each.as_json() for each in self.findings],
            "largest": [each._asdict() for each in self.largest],
        }


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, each once: errors first, then by package and file.

    What is the same of several files of one package is one finding, with the first of them.
    """
    groups: dict[Finding, set[str]] = {}
    for each in findings:
        groups.setdefault(each._replace(file=""), set()).add(each.file)
    told = (_of_files(each, sorted(files)) for each, files in groups.items())
    return tuple(sorted(told, key=lambda each: (each.rank, each.package, each.file, each.what)))


def _of_files(finding: Finding, files: Sequence[str]) -> Finding:
    others = len(files) - 1
    more = f" (the same goes for {counted(others, 'other file')})" if others else ""
    return finding._replace(file=files[0], what=finding.what + more)


def refusal(verdict: Verdict, label: str) -> UserError:
    """The error for a layer that will not work; each of its errors has been told before.

    Args:
        verdict: with at least one error.
        label: what to call the layer.
    """
    count = len(verdict.errors)
    what = "one error" if count == 1 else f"{count} errors"
    return UserError(f"{label} would not work in Lambda: verification found {what}, told above")
