"""The target: one value from which the runtime's name, wheel tags, marker environment and glibc follow."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import UserError

# Lambda's runtimes, each with its operating system's glibc (AWS Lambda Developer Guide, "Lambda runtimes"):
# Amazon Linux 2 has glibc 2.26, Amazon Linux 2023 has 2.34.
_AMAZON_LINUX_2 = (2, 26)
_AMAZON_LINUX_2023 = (2, 34)
GLIBC = {
    "3.9": _AMAZON_LINUX_2,
    "3.10": _AMAZON_LINUX_2,
    "3.11": _AMAZON_LINUX_2,
    "3.12": _AMAZON_LINUX_2023,
    "3.13": _AMAZON_LINUX_2023,
    "3.14": _AMAZON_LINUX_2023,
}
ARCHITECTURES = ("x86_64", "arm64")


@dataclass(frozen=True, slots=True)
class Target:
    """What a layer is built for.

    Attributes:
        python: `major.minor`, such as `3.12`.
        architecture: as Lambda names it, `x86_64` or `arm64`.

    Raises:
        UserError: Lambda has no such Python or architecture.
    """

    python: str
    architecture: str

    def __post_init__(self) -> None:
        if self.python not in GLIBC:
            raise UserError(f"no Lambda runtime has Python {self.python!r}; choose one of {', '.join(GLIBC)}")
        if self.architecture not in ARCHITECTURES:
            known = " and ".join(ARCHITECTURES)
            raise UserError(f"Lambda has no architecture {self.architecture!r}; there are {known}")

    @property
    def runtime(self) -> str:
        """Lambda's name of the runtime, such as `python3.12`."""
        return f"python{self.python}"

    @property
    def glibc(self) -> tuple[int, int]:
        """The version of the runtime's glibc, as (major, minor)."""
        return GLIBC[self.python]

    def as_json(self) -> dict[str, str]:
        """The target as manifests and the digest have it."""
        return {"architecture": self.architecture, "runtime": self.runtime}
