"""Modules that would be taken for the standard library's."""

from __future__ import annotations

import pytest

from build.target import GLIBC, Target
from build.verify.findings import WARNING
from build.verify.shadowing import standard_library

from .conftest import Check, Wheel


@pytest.mark.parametrize("path", ["enum/__init__.py", "typing.py", "dataclasses.py"])
def test_a_backport_that_comes_before_the_real_one_is_told(check: Check, wheel: Wheel, path: str) -> None:
    name = path.partition("/")[0].partition(".")[0]
    (found,) = check(wheel("backport", files={path: b""})).findings
    assert (found.level, found.package) == (WARNING, "backport")
    assert found.what.startswith(f"its module {name} takes the place of the standard library's")


def test_what_has_a_module_of_such_a_name_further_down_is_fine(check: Check, wheel: Wheel) -> None:
    assert check(wheel(files={"demo/enum.py": b"", "demo/typing/__init__.py": b""})).findings == ()


@pytest.mark.parametrize(
    ("name", "pythons"),
    [
        ("imp", {"3.9", "3.10", "3.11"}),
        ("cgi", {"3.9", "3.10", "3.11", "3.12"}),
        ("tomllib", {"3.11", "3.12", "3.13", "3.14"}),
        ("compression", {"3.14"}),
        ("json", set(GLIBC)),
    ],
)
def test_each_python_has_a_library_of_its_own(name: str, pythons: set[str]) -> None:
    assert {each for each in GLIBC if name in standard_library(Target(each, "x86_64"))} == pythons
