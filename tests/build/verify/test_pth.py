"""`.pth` files: what they would have done is told."""

from __future__ import annotations

import pytest

from build.verify.findings import NOTE, WARNING

from .conftest import Check, Wheel


@pytest.mark.parametrize(
    ("name", "text", "level"),
    [
        ("demo.pth", "# a remark\n\nsrc\n", WARNING),
        ("__editable__.demo.pth", "/home/me/demo\n", WARNING),
        ("demo.pth", "import demo; demo.patch()\n", NOTE),
        ("demo-nspkg.pth", "import sys, types, os;p = 1\n", None),
        ("demo.pth", "# nothing\n", None),
        ("demo/data.pth", "src\n", None),
    ],
)
def test_what_lambda_does_not_do_is_told(
    check: Check, wheel: Wheel, name: str, text: str, level: str | None
) -> None:
    found = check(wheel(files={name: text.encode(), "demo/__init__.py": b""})).findings
    assert [(each.level, each.package, each.file) for each in found] == (
        [(level, "demo", f"python/{name}")] if level else []
    )


def test_the_folder_that_is_missing_is_named(check: Check, wheel: Wheel) -> None:
    (found,) = check(wheel(files={"demo.pth": b"src\nmore\n"})).findings
    assert found.what == "Lambda reads no .pth file, so src is not on the path of modules"
