"""What no import needs is left out; what a module asks for stays."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from build.cache import Cache
from build.tree.layout import merge
from build.tree.placed import ReadWheel
from build.tree.slimming import slimmed
from build.tree.sources import Sources

from .conftest import Read

TESTS = {"pkg/tests/__init__.py": b"", "pkg/tests/test_a.py": b"", "pkg/tests/data/x.bin": b""}
PACKAGE = {"pkg/__init__.py": b"", "pkg/core.py": b"import os\n"}


def gone(cache: Cache, *wheels: ReadWheel) -> set[str]:
    with Sources(cache) as sources:
        return slimmed(merge(wheels, {}), sources)


def test_folders_of_tests_go_with_all_that_is_in_them(read: Read, cache: Cache) -> None:
    assert gone(cache, read("pkg", {**PACKAGE, **TESTS})) == set(TESTS)


@pytest.mark.parametrize(
    "files",
    [
        {"pkg/testing/__init__.py": b"", "pkg/testing/test_x.py": b""},
        {"pkg/tests.py": b""},
        {"pkg/test_x.py": b"", "pkg/conftest.py": b""},
        {"pkg/test/__init__.py": b"", "pkg/test/client.py": b""},
        {"pkg/tests/__init__.py": b"", "pkg/tests/equality.py": b""},
        {"pkg/mytests/test_x.py": b""},
    ],
    ids=["testing", "a module", "single tests", "test without tests", "tests without tests", "another name"],
)
def test_what_only_looks_like_tests_stays(read: Read, cache: Cache, files: Mapping[str, bytes]) -> None:
    assert gone(cache, read("pkg", {**PACKAGE, **files})) == set()


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("pkg/core.py", b"from .tests import test_a\n"),
        ("pkg/core.py", b"from . import (\n    core,\n    tests,\n)\n"),
        ("pkg/sub/deep.py", b"    from ..tests.test_a import thing\n"),
        ("pkg/core.py", b"import os, pkg.tests.test_a as t\n"),
        ("pkg/core.py", b"from pkg import tests\n"),
        ("pkg/core.py", b"__import__('pkg.tests.test_a')\n"),
        ("pkg/core.py", b"path = join(dirname(__file__), 'tests', 'data')\n"),
        ("pkg/core.py", b"path = here / 'tests/data'\n"),
        ("other.py", b"from pkg.tests import test_a\n"),
    ],
)
def test_tests_that_a_module_names_stay(read: Read, cache: Cache, module: str, source: bytes) -> None:
    assert gone(cache, read("pkg", {**PACKAGE, **TESTS, module: source})) == set()


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("pkg/core.py", b"# run the tests with pytest\nlatests = 1\n"),
        ("pkg/core.py", b"from .other import tests_of, contests\n"),
        ("pkg/core.py", b"import other.tests\nfrom other import tests\n"),
        ("pkg/sub/deep.py", b"from .tests import x\n"),
        ("pkg/setup.py", b"config.add_data_dir('tests')\n"),
        ("pkg/tests/test_b.py", b"from pkg.tests import test_a\n"),
    ],
)
def test_tests_of_which_a_module_only_speaks_go(read: Read, cache: Cache, module: str, source: bytes) -> None:
    found = gone(cache, read("pkg", {**PACKAGE, **TESTS, module: source}))
    assert found >= set(TESTS)
    assert found - set(TESTS) <= {module}


def test_tests_that_stay_keep_the_tests_that_they_name(read: Read, cache: Cache) -> None:
    more = {"pkg/b/test/__init__.py": b"", "pkg/b/test/test_b.py": b"from pkg.c.test.base import x\n"}
    more |= {"pkg/c/test/base.py": b"", "pkg/c/test/test_c.py": b""}
    files = {**PACKAGE, **TESTS, **more, "pkg/core.py": b"import pkg.b.test\n"}
    assert gone(cache, read("pkg", files)) == set(TESTS)


def test_another_package_that_imports_them_keeps_them(read: Read, cache: Cache) -> None:
    user = read("user", {"user.py": b"from pkg.tests import test_a\n"})
    assert gone(cache, read("pkg", {**PACKAGE, **TESTS}), user) == set()


def test_tests_at_the_top_go_unless_they_are_all_that_a_distribution_has(read: Read, cache: Cache) -> None:
    careless = read("careless", {"careless.py": b"", "tests/test_c.py": b""})
    assert gone(cache, careless) == {"tests/test_c.py"}
    assert gone(cache, careless, read("suite", {"tests/test_s.py": b""})) == set()


def test_tests_at_the_top_stay_where_a_module_imports_them(read: Read, cache: Cache) -> None:
    careless = {"careless.py": b"from tests import test_c\n", "tests/test_c.py": b""}
    assert gone(cache, read("careless", careless)) == set()


def test_stubs_headers_static_libraries_and_foreign_bytecode_go(read: Read, cache: Cache) -> None:
    unneeded = {
        "pkg/core.pyi": b"x: int",
        "pkg-stubs/__init__.pyi": b"",
        "pkg/include/a.h": b"",
        "pkg/include/a.hpp": b"",
        "pkg/_c.pxd": b"",
        "pkg/lib/libx.a": b"",
        "pkg/__pycache__/core.cpython-311.pyc": b"",
    }
    kept = {
        "pkg/py.typed": b"",
        "pkg/_c.so": b"",
        "pkg/_c.pyx": b"",
        "pkg/old.pyc": b"",
        "pkg/data.c": b"",
        "mypy/typeshed/stdlib/os.pyi": b"",
    }
    assert gone(cache, read("pkg", {**PACKAGE, **unneeded, **kept})) == set(unneeded)


@pytest.mark.parametrize(
    ("source", "beside"),
    [
        (b"import lazy_loader\nattach = lazy_loader.attach_stub(__name__, __file__)\n", "pkg/core.pyi"),
        (b"ffi.cdef(open(here / 'defs.h').read())\n", "pkg/defs.h"),
        (b"load('libx.a')\n", "pkg/libx.a"),
    ],
)
def test_what_a_module_beside_it_reads_stays(read: Read, cache: Cache, source: bytes, beside: str) -> None:
    assert gone(cache, read("pkg", {**PACKAGE, "pkg/reader.py": source, beside: b""})) == set()


def test_dist_info_stays_as_it_is(read: Read, cache: Cache) -> None:
    licences = {"pkg-1.0.dist-info/licenses/tests/test_x.py": b"", "pkg-1.0.dist-info/x.h": b""}
    assert gone(cache, read("pkg", {**PACKAGE, **licences})) == set()
