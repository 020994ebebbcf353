"""The target: one value from which the runtime's name, wheel tags, marker environment and glibc follow."""

from __future__ import annotations

from typing import NamedTuple, Self

from .errors import UserError


class Runtime(NamedTuple):
    """One of Lambda's Python runtimes.

    Attributes:
        python: `major.minor`.
        system: its operating system.
        glibc: the version of its C library, as (major, minor).
        release: the patch release of Python that markers and `Requires-Python` are read against.
    """

    python: str
    system: str
    glibc: tuple[int, int]
    release: str


_AMAZON_LINUX_2 = ("Amazon Linux 2", (2, 26))
_AMAZON_LINUX_2023 = ("Amazon Linux 2023", (2, 34))

# The table that everything else follows from: wheel tags, markers, what is verified. Runtimes and their
# systems: AWS Lambda Developer Guide, "Lambda runtimes" (3.9 is deprecated there; functions of it still
# run). C libraries: AL2023 User Guide, "Comparing AL2 and AL2023". Lambda picks the patch release and moves
# it without notice ("Understanding how Lambda manages runtime version updates"), and no page lists it:
# these are python.org's of October 2025. Locks tell patch releases apart only far below them
# (async-timeout: `python_full_version < "3.11.3"`).
RUNTIMES = {
    python: Runtime(python, *system, release)
    for python, system, release in (
        ("3.9", _AMAZON_LINUX_2, "3.9.25"),
        ("3.10", _AMAZON_LINUX_2, "3.10.19"),
        ("3.11", _AMAZON_LINUX_2, "3.11.14"),
        ("3.12", _AMAZON_LINUX_2023, "3.12.12"),
        ("3.13", _AMAZON_LINUX_2023, "3.13.9"),
        ("3.14", _AMAZON_LINUX_2023, "3.14.0"),
    )
}
GLIBC = {python: runtime.glibc for python, runtime in RUNTIMES.items()}

# Lambda's names of its architectures ("Selecting and configuring an instruction set architecture"), each with
# what `uname -m` says there, which is the name in wheel tags and markers.
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
ARCHITECTURES = tuple(MACHINES)
# Lambda's own (AWS Lambda API Reference, CreateFunction, Architectures).
DEFAULT_ARCHITECTURE = "x86_64"


class _Target(NamedTuple):
    python: str
    architecture: str


class Target(_Target):
    """What a layer is built for.

    Attributes:
        python: `major.minor`, such as `3.12`.
        architecture: as Lambda names it, `x86_64` or `arm64`.

    Raises:
        UserError: Lambda has no such Python or architecture.
    """

    __slots__ = ()

    def __new__(cls, python: str, architecture: str) -> Self:
        """Takes a Python and an architecture that Lambda has."""
        if python not in RUNTIMES:
            raise UserError(f"no Lambda runtime has Python {python!r}; choose one of {', '.join(RUNTIMES)}")
        if architecture not in ARCHITECTURES:
            known = " and ".join(ARCHITECTURES)
            raise UserError(f"Lambda has no architecture {architecture!r}; there are {known}")
        return super().__new__(cls, python, architecture)

    @property
    def runtime(self) -> str:
        """Lambda's name of the runtime, such as `python3.12`."""
        return f"python{self.python}"

    @property
    def glibc(self) -> tuple[int, int]:
        """The version of the runtime's glibc, as (major, minor)."""
        return RUNTIMES[self.python].glibc

    @property
    def python_release(self) -> str:
        """The patch release that markers and `Requires-Python` are read against, such as `3.12.12`."""
        return RUNTIMES[self.python].release

    @property
    def machine(self) -> str:
        """What `uname -m` says on the target: `x86_64` or `aarch64`."""
        return MACHINES[self.architecture]

    def as_json(self) -> dict[str, str]:
        """The target as manifests and the digest have it."""
        return {"architecture": self.architecture, "runtime": self.runtime}
