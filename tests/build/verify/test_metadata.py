"""Metadata: what was installed for another Python or system, and what is there twice."""

from __future__ import annotations

import pytest

from build.verify.findings import ERROR, WARNING

from .conftest import Check, dist_info
from .elf_files import make_elf


def installed(*tags: str, python: str = "") -> dict[str, bytes]:
    files = {"python/demo/__init__.py": b"", "python/demo/_fast.so": make_elf(module="_fast")}
    files |= dist_info("demo", record="demo/__init__.py,,\n")
    wheel = "Wheel-Version: 1.0\n" + "".join(f"Tag: {each}\n" for each in tags)
    metadata = f"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: {python}\n"
    folder = "python/demo-1.0.dist-info"
    return {**files, f"{folder}/WHEEL": wheel.encode(), f"{folder}/METADATA": metadata.encode()}


@pytest.mark.parametrize(
    ("tag", "level"),
    [
        ("cp313-abi3-manylinux_2_17_x86_64", WARNING),
        ("cp311-cp311-linux_x86_64", WARNING),
        ("cp312-cp312-win_amd64", ERROR),
        ("cp312-cp312-macosx_11_0_universal2", ERROR),
        ("cp312-cp312-musllinux_1_2_x86_64", ERROR),
        ("cp39-abi3-manylinux_2_99_x86_64", None),
        ("py2.py3-none-any", None),
        ("no tag", None),
    ],
)
def test_the_wheel_that_was_installed_tells_for_what_it_was(
    check_zip: Check, tag: str, level: str | None
) -> None:
    found = check_zip(installed(tag)).findings
    assert [each.level for each in found] == ([level] if level else [])
    assert all(
        each.what.startswith(f"it was installed from a wheel for {tag}, and not for") for each in found
    )


@pytest.mark.parametrize(
    ("python", "errors"), [(">=3.13", 1), ("<3.12", 1), (">=3.8,<4", 0), ("", 0), (">=3.x", 0)]
)
def test_a_package_for_another_python_is_an_error(check_zip: Check, python: str, errors: int) -> None:
    found = check_zip(installed(python=python)).findings
    assert [each.level for each in found] == [ERROR] * errors


def test_two_versions_of_one_package_are_told(check_zip: Check) -> None:
    files = {"python/demo.py": b"", **dist_info("Demo", "1.0"), **dist_info("demo", "2.0")}
    (found,) = check_zip(files).findings
    assert (found.level, found.package) == (WARNING, "demo")
    assert found.what == "it is there in several versions (1.0, 2.0), one over the other"


@pytest.mark.parametrize("path", ["old-1.2.egg-info/PKG-INFO", "old-1.2-py3.12.egg-info"])
def test_what_an_older_installer_left_meets_a_requirement(check_zip: Check, path: str) -> None:
    about = b"Metadata-Version: 1.1\nName: old\nVersion: 1.2\n"
    files = {"python/old.py": b"", f"python/{path}": about, **dist_info("demo", "1.0", "old>=1")}
    assert check_zip(files).findings == ()
