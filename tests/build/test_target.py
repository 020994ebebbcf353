"""A target is one that Lambda has, and everything else follows from one table."""

from __future__ import annotations

import pytest

from build.errors import UserError
from build.target import ARCHITECTURES, GLIBC, RUNTIMES, Target


@pytest.mark.parametrize("python", RUNTIMES)
def test_the_runtime_is_named_after_the_python(python: str) -> None:
    assert Target(python, "arm64").runtime == f"python{python}"
    assert Target(python, "arm64").python_release.rpartition(".")[0] == python


def test_the_table_has_every_python_from_3_9_to_3_14() -> None:
    assert list(RUNTIMES) == list(GLIBC) == [f"3.{minor}" for minor in range(9, 15)]
    assert ARCHITECTURES == ("x86_64", "arm64")


@pytest.mark.parametrize(
    ("python", "system", "glibc"),
    [
        ("3.9", "Amazon Linux 2", (2, 26)),
        ("3.11", "Amazon Linux 2", (2, 26)),
        ("3.12", "Amazon Linux 2023", (2, 34)),
        ("3.14", "Amazon Linux 2023", (2, 34)),
    ],
)
def test_the_glibc_is_that_of_the_runtimes_amazon_linux(
    python: str, system: str, glibc: tuple[int, int]
) -> None:
    assert (RUNTIMES[python].system, Target(python, "x86_64").glibc) == (system, glibc)


@pytest.mark.parametrize(("architecture", "machine"), [("x86_64", "x86_64"), ("arm64", "aarch64")])
def test_wheels_call_the_architecture_as_uname_does(architecture: str, machine: str) -> None:
    assert Target("3.12", architecture).machine == machine


@pytest.mark.parametrize("python", ["3.8", "2.7", "3.12.1", "312", "", "3", "three", "3.13t", "3.15"])
def test_an_unknown_python_is_refused_naming_the_known_ones(python: str) -> None:
    with pytest.raises(UserError, match=r"no Lambda runtime has Python '.*'; choose one of 3\.9, 3\.10"):
        Target(python, "x86_64")


@pytest.mark.parametrize("architecture", ["mips", "aarch64", "amd64", ""])
def test_an_unknown_architecture_is_refused_naming_the_known_ones(architecture: str) -> None:
    with pytest.raises(UserError, match="there are x86_64 and arm64"):
        Target("3.12", architecture)
