"""Modules: those that are named, and the top-level names of every distribution."""

from __future__ import annotations

import pytest

from build.errors import UserError
from build.tree.options import LayerOptions
from build.verify import Wanted
from build.verify.findings import ERROR, WARNING, Finding

from .conftest import Check, Wheel, dist_info
from .elf_files import make_elf

FILES = {
    "python/demo/__init__.py": b"",
    "python/demo/inner/deep.py": b"",
    "python/space/part/module.py": b"",
    "python/numbers_only/0001_initial.py": b"",
    "python/_fast.cpython-312-x86_64-linux-gnu.so": make_elf(module="_fast"),
    "python/deep/_slow.cpython-311-x86_64-linux-gnu.so": b"for another Python",
    "python/lib/python3.12/site-packages/second.py": b"",
    "python/lib/python3.11/site-packages/older.py": b"",
    "python/demo/__pycache__/ghost.cpython-312.pyc": b"",
    "python/compiled.pyc": b"",
}
LACKING = "add the package that has it to the lock"


def lacks(check_zip: Check, name: str) -> list[Finding]:
    found = check_zip(FILES, require=(name,)).errors
    return [each for each in found if each.what == f"there is no module {name} in the layer"]


@pytest.mark.parametrize(
    "name",
    [
        *("demo", "demo.inner", "demo.inner.deep", "space", "space.part", "space.part.module"),
        *("numbers_only", "_fast", "deep", "second", "compiled"),
    ],
)
def test_modules_packages_and_namespaces_are_found(check_zip: Check, name: str) -> None:
    assert lacks(check_zip, name) == []


@pytest.mark.parametrize(
    ("name", "todo"),
    [
        ("dmeo", "did you mean demo?"),
        ("Demo", "did you mean demo?"),
        ("demo.inner.dep", "did you mean demo.inner.deep?"),
        ("demo.ghost", LACKING),
        ("older", LACKING),
        ("numpy", LACKING),
        ("inner", LACKING),
    ],
)
def test_a_module_that_is_not_there_is_an_error_with_the_nearest_one(
    check_zip: Check, name: str, todo: str
) -> None:
    what = f"there is no module {name} in the layer"
    assert lacks(check_zip, name) == [Finding(ERROR, "", "", what, todo)]


@pytest.mark.parametrize("name", ["boto3", "botocore.client", "dateutil"])
def test_a_module_of_the_runtime_is_a_warning_about_its_version(check_zip: Check, name: str) -> None:
    what = f"{name} comes from the runtime, in a version that AWS changes without notice"
    found = check_zip({"python/demo.py": b""}, require=(name,)).findings
    assert found == (Finding(WARNING, "", "", what, "add its package to the lock"),)


def test_a_module_for_another_python_is_not_there(check_zip: Check) -> None:
    assert len(lacks(check_zip, "deep._slow")) == 1


def test_every_module_that_is_not_there_is_told_and_once(check: Check, wheel: Wheel) -> None:
    found = check(wheel(), require=("one", "two", "demo", "one")).findings
    whats = [each.what for each in found if each.level == ERROR]
    assert whats == [f"there is no module {name} in the layer" for name in ("one", "two")]


def test_what_a_record_lists_and_the_zip_lacks_is_an_error(check_zip: Check) -> None:
    record = (
        "demo/__init__.py,,\ngone/__init__.py,,\n_lost.abi3.so,,\ndemo-1.0.data/scripts/x.py,,\n../x.py,,\n"
    )
    what = "nothing of _lost, gone is in the layer, which its RECORD lists"
    files = {"python/demo/__init__.py": b"", **dist_info("demo", record=record)}
    assert check_zip(files).findings == (
        Finding(ERROR, "demo", "", what, "install it again, or drop it from the lock"),
    )


def test_what_was_excluded_is_a_warning(check: Check, wheel: Wheel) -> None:
    one = wheel(files={"demo.py": b"", "more/__init__.py": b"", "data.txt": b"x"})
    what = "nothing of more is in the layer, which its RECORD lists"
    assert check(one, options=LayerOptions(exclude=("/more/",))).findings == (
        Finding(WARNING, "demo", "", what, "see what is excluded"),
    )


def test_a_slim_layer_that_lost_top_level_tests_is_a_warning_at_most(check: Check, wheel: Wheel) -> None:
    one = wheel(files={"demo.py": b"", "tests/__init__.py": b"", "tests/test_demo.py": b""})
    verdict = check(one, options=LayerOptions(slim=True), require=("demo",))
    assert verdict.errors == ()


@pytest.mark.parametrize(
    "files",
    [
        {"demo-stubs/__init__.pyi": b"", "py.typed": b""},
        {},
        {"demo-1.0.data/scripts/run.py": b"", "demo-1.0.data/data/share/doc/more.py": b""},
        {"demo-1.0.data/purelib/other.py": b"", "demo-1.0.data/platlib/third/__init__.py": b""},
        {"examples/not-a-module.py": b"", "odd-folder/module.py": b"", "not-a-module.py": b""},
        {"demo.libs/libx-1f2e.so.1": b"", "demo.libs/liby.so": b""},
    ],
    ids=["stubs", "nothing", "scripts and data", "libraries of data", "no names of modules", "libraries"],
)
def test_a_wheel_is_never_said_to_lack_its_own_files(
    check: Check, wheel: Wheel, files: dict[str, bytes]
) -> None:
    assert check(wheel(files=files)).findings == ()


@pytest.mark.parametrize("name", ["", "a b", "a-b", "a..b", ".a", "a.", "1a", "a;import os", "a\nb", "a/b"])
def test_what_is_no_modules_name_is_refused(name: str) -> None:
    with pytest.raises(UserError) as caught:
        Wanted.of([name])
    hint = "write it as an import does, such as PIL.Image"
    assert str(caught.value) == f"{name!r} is not the name of a module; {hint}"


def test_all_that_makes_no_sense_is_refused_together() -> None:
    with pytest.raises(UserError) as caught:
        Wanted.of(["a-b"], beside=-1, layers=0)
    assert str(caught.value) == (
        "'a-b' is not the name of a module; write it as an import does, such as PIL.Image; "
        "-1 bytes beside the layer make no sense; 0 layers make no sense: this is one"
    )


def test_what_is_wanted_has_one_spelling() -> None:
    assert Wanted.of(["b", "a", "b"]) == Wanted.of(("a", "b")) == Wanted(("a", "b"))
