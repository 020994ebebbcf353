"""A target is one that Lambda has, and the runtime's name and glibc follow from it."""

from __future__ import annotations

import pytest

from build.errors import UserError
from build.target import GLIBC, Target


@pytest.mark.parametrize("python", GLIBC)
def test_the_runtime_is_named_after_the_python(python: str) -> None:
    assert Target(python, "arm64").runtime == f"python{python}"


@pytest.mark.parametrize(("python", "glibc"), [("3.11", (2, 26)), ("3.12", (2, 34)), ("3.13", (2, 34))])
def test_the_glibc_is_that_of_the_runtimes_amazon_linux(python: str, glibc: tuple[int, int]) -> None:
    assert Target(python, "x86_64").glibc == glibc


@pytest.mark.parametrize("python", ["3.8", "2.7", "3.12.1", "312", "", "3", "three"])
def test_an_unknown_python_is_refused_naming_the_known_ones(python: str) -> None:
    with pytest.raises(UserError, match=r"no Lambda runtime has Python '.*'; choose one of 3\.9, 3\.10"):
        Target(python, "x86_64")


@pytest.mark.parametrize("architecture", ["mips", "aarch64", ""])
def test_an_unknown_architecture_is_refused_naming_the_known_ones(architecture: str) -> None:
    with pytest.raises(UserError, match="there are x86_64 and arm64"):
        Target("3.12", architecture)
