"""Takes resources of a state for places of the program, each once, and keeps the reasons for all others."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence

from .mapping import Adopted
from .state import Found

Text = Callable[[Found], str]


class Matcher:
    """What was decided so far."""

    def __init__(self, found: Sequence[Found], given: Mapping[str, Found], leave: Sequence[Found]) -> None:
        """Takes the state's resources, the places that somebody gave some, and those that are to be left."""
        self.found = [each for each in found if not each.deposed and each not in leave]
        self.given = given
        self.adopted: dict[str, Adopted] = {}
        self.why_left: dict[str, str] = {}
        self.why_created: dict[str, str] = {}
        self.doubts: list[str] = []

    def all(self, kind: str) -> list[Found]:
        """Those of one of Terraform's types that are neither adopted yet nor given to a place."""
        taken = {each.origin for each in self.adopted.values()}
        taken |= {each.address for each in self.given.values()}
        return [each for each in self.found if each.type == kind and each.address not in taken]

    def take(
        self,
        path: str,
        candidates: Sequence[Found],
        *,
        identity: Text,
        name: Text | None = None,
        unfit: Callable[[Found], str] = lambda _: "",
        notes: Callable[[Found], Sequence[str]] = lambda _: (),
    ) -> Found | None:
        """Takes the only candidate for a place, if AWS could make it what the program wants.

        Args:
            path: of the place.
            candidates: among the state's resources; what somebody gave the place counts before them.
            identity: the id by which Pulumi imports it.
            name: its name in AWS, where the program would give it another.
            unfit: why it would have to be replaced; empty if it would not.
            notes: what people should know of it.

        Returns:
            What was taken, or None.
        """
        given = self.given.get(path)
        fitting = [given] if given is not None else list(candidates)
        if len(fitting) > 1:
            self._doubt(path, fitting)
            return None
        if not fitting:
            return None
        one = fitting[0]
        reason = unfit(one)
        if reason:
            self.leave([one], f"{reason}; {path} is made anew")
            self.why_created[path] = f"{one.address} cannot become it: {reason}"
            return None
        told = [*notes(one), *_tainted(one)]
        self.adopted[path] = Adopted(path, identity(one), one.address, name(one) if name else "", tuple(told))
        return one

    def leave(self, found: Sequence[Found], reason: str) -> None:
        """Says why some are left, unless it was said already."""
        for each in found:
            self.why_left.setdefault(each.address, reason)

    def _doubt(self, path: str, fitting: Sequence[Found]) -> None:
        names = " or ".join(each.address for each in fitting)
        self.doubts.append(
            f"which one becomes {path} cannot be told: it could be {names}; say it with "
            f"{option(fitting[0], path)}"
        )
        self.why_created[path] = f"it could be {names}"
        self.leave(fitting, f"it could be {path}, and so could another one")


def option(found: Found, path: str) -> str:
    """The option that says what becomes of a resource, quoted for a shell: keys may hold quotes."""
    return f"--as {shlex.quote(f'{found.address}={path}')}"


def _tainted(found: Found) -> list[str]:
    if not found.tainted:
        return []
    return [
        "Terraform holds it for tainted and would replace it: see whether it is whole before you adopt it"
    ]


def own_id(found: Found) -> str:
    """The id that Terraform has for it, where Pulumi's import takes the same."""
    return found.text("id")
