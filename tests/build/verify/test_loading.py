"""Libraries: where the dynamic linker of Lambda looks for them, and where it does not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from build.target import Target
from build.verify.findings import ERROR, WARNING, Finding
from build.verify.runtimes import UNCERTAIN, system_of

from .conftest import Check, Wheel
from .elf_files import make_elf

NOWHERE = "add a package that brings it, or exclude the file if nothing loads it"


def needing(*libraries: str, rpath: str = "", runpath: str = "", soname: str = "") -> bytes:
    return make_elf(needed=libraries, rpath=rpath, runpath=runpath, soname=soname)


def test_a_library_that_nobody_has_is_an_error(check: Check, wheel: Wheel) -> None:
    files = {"demo/_fast.so": needing("libnowhere.so.1")}
    what = "it needs libnowhere.so.1, which neither the layer nor the runtime has"
    assert check(wheel(files=files)).findings == (
        Finding(ERROR, "demo", "python/demo/_fast.so", what, NOWHERE),
    )


def test_a_library_where_nothing_looks_is_a_warning(check: Check, wheel: Wheel) -> None:
    files = {"demo/_fast.so": needing("libx.so.1"), "demo/deep/libx.so.1": make_elf()}
    what = "it needs libx.so.1, which is in the layer (python/demo/deep/libx.so.1), where nothing looks"
    assert check(wheel(files=files)).findings == (
        Finding(WARNING, "demo", "python/demo/_fast.so", what, "make sure that it is loaded first"),
    )


@pytest.mark.parametrize("kind", ["rpath", "runpath"])
@pytest.mark.parametrize(
    "folders",
    [
        "$ORIGIN/../demo.libs",
        "${ORIGIN}/../demo.libs/",
        "/nowhere:$ORIGIN:$ORIGIN/../demo.libs",
        "/opt/python/demo.libs",
        "::$ORIGIN/./.././demo.libs",
    ],
)
def test_a_library_is_found_by_a_run_path(check: Check, wheel: Wheel, kind: str, folders: str) -> None:
    fast = make_elf(
        needed=["libx-1f2e.so.1"], rpath=folders * (kind == "rpath"), runpath=folders * (kind == "runpath")
    )
    files = {"demo/_fast.so": fast, "demo.libs/libx-1f2e.so.1": make_elf()}
    assert check(wheel(files=files)).findings == ()


@pytest.mark.parametrize(
    "folders", ["$ORIGIN/../../../../demo.libs", "/var/task/demo.libs", "demo.libs", "$LIB"]
)
def test_run_paths_that_lead_elsewhere_find_nothing(check: Check, wheel: Wheel, folders: str) -> None:
    files = {"demo/_fast.so": needing("libx.so", runpath=folders), "demo.libs/libx.so": make_elf()}
    (found,) = check(wheel(files=files)).findings
    assert "where nothing looks" in found.what


def test_a_modules_rpath_counts_for_what_it_loads_however_deep(check: Check, wheel: Wheel) -> None:
    files = {
        "demo/_fast.so": needing("libone.so", rpath="$ORIGIN/libs"),
        "demo/libs/libone.so": needing("libtwo.so"),
        "demo/libs/libtwo.so": needing("libthree.so"),
        "demo/libs/libthree.so": make_elf(),
    }
    assert check(wheel(files=files)).findings == ()


def test_a_modules_runpath_counts_for_itself_alone(check: Check, wheel: Wheel) -> None:
    files = {
        "demo/_fast.so": needing("libone.so", runpath="$ORIGIN/libs"),
        "demo/libs/libone.so": needing("libtwo.so"),
        "demo/libs/libtwo.so": make_elf(),
    }
    (found,) = check(wheel(files=files)).findings
    assert (found.level, found.file) == (WARNING, "python/demo/libs/libone.so")


def test_a_library_with_a_runpath_inherits_no_rpath(check: Check, wheel: Wheel) -> None:
    files = {
        "demo/_fast.so": needing("libone.so", rpath="$ORIGIN/libs"),
        "demo/libs/libone.so": needing("libtwo.so", runpath="$ORIGIN/none"),
        "demo/libs/libtwo.so": make_elf(),
    }
    (found,) = check(wheel(files=files)).findings
    assert (found.level, found.file) == (WARNING, "python/demo/libs/libone.so")


def test_an_rpath_beside_a_runpath_is_ignored(check: Check, wheel: Wheel) -> None:
    files = {
        "demo/_fast.so": needing("libx.so", rpath="$ORIGIN/libs", runpath="$ORIGIN/none"),
        "demo/libs/libx.so": make_elf(),
    }
    assert [each.level for each in check(wheel(files=files)).findings] == [WARNING]


def test_an_rpath_is_inherited_past_a_library_with_a_runpath(check: Check, wheel: Wheel) -> None:
    files = {
        "demo/_fast.so": needing("libone.so", rpath="$ORIGIN/libs"),
        "demo/libs/libone.so": needing("libtwo.so", runpath="$ORIGIN"),
        "demo/libs/libtwo.so": needing("libthree.so"),
        "demo/libs/libthree.so": make_elf(),
    }
    assert check(wheel(files=files)).findings == ()


@pytest.mark.parametrize("order", [("libone.so", "libtwo.so"), ("libtwo.so", "libone.so")], ids=str)
def test_what_was_loaded_before_is_found_by_its_soname(
    check: Check, wheel: Wheel, order: Sequence[str]
) -> None:
    # Breadth first: both libraries of the module are loaded before what they need is looked for.
    files = {
        "demo/_fast.so": needing(*order, runpath="$ORIGIN/libs"),
        "demo/libs/libone.so": needing("libshared.so.2"),
        "demo/libs/libtwo.so": make_elf(soname="libshared.so.2"),
    }
    assert check(wheel(files=files)).findings == ()


def test_opt_lib_is_searched_for_every_file(check: Check, wheel: Wheel) -> None:
    files = {
        "demo/_fast.so": needing("libx.so.1"),
        "demo/_other.so": needing("libx.so.1", runpath="$ORIGIN/none"),
        "demo-1.0.data/data/lib/libx.so.1": make_elf(),
    }
    found = check(wheel(files=files)).findings
    # Data goes below python/, where /opt/lib is not.
    assert [each.level for each in found] == [WARNING]
    assert "python/lib/libx.so.1" in found[0].what
    assert found[0].what.endswith("(the same goes for 1 other file)")


def test_a_foreign_layers_opt_lib_is_searched(check_zip: Check) -> None:
    files = {
        "python/demo/_fast.so": needing("libx.so.1"),
        "python/demo/_other.so": needing("libx.so.1", runpath="$ORIGIN/none"),
        "lib/libx.so.1": needing("liby.so"),
        "lib/liby.so": make_elf(),
    }
    assert check_zip(files).findings == ()


@pytest.mark.parametrize("python", ["3.9", "3.12", "3.14"])
@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_what_the_runtime_brings_is_found(check: Check, wheel: Wheel, python: str, architecture: str) -> None:
    target = Target(python, architecture)
    libraries = sorted(system_of(target).libraries)
    assert {"libc.so.6", "libm.so.6", "libgcc_s.so.1", f"libpython{python}.so.1.0"} <= set(libraries)
    files = {"demo/_fast.so": make_elf(target.machine, needed=libraries)}
    assert [each for each in check(wheel(files=files), target=target).findings if each.level == ERROR] == []


@pytest.mark.parametrize("library", sorted(UNCERTAIN))
def test_a_library_that_nobody_promises_is_a_warning(check: Check, wheel: Wheel, library: str) -> None:
    what = f"it needs {library}, which AWS does not promise to be there"
    todo = "add a package that brings it, or try it in Lambda"
    assert check(wheel(files={"demo/_fast.so": needing(library)})).findings == (
        Finding(WARNING, "demo", "python/demo/_fast.so", what, todo),
    )


def test_a_library_for_another_machine_is_passed_over(check: Check, wheel: Wheel) -> None:
    files = {
        "demo/_fast.so": needing("libx.so", runpath="$ORIGIN/arm:$ORIGIN/x86"),
        "demo/arm/libx.so": make_elf("aarch64"),
    }
    found = check(wheel(files=files)).findings
    assert [(each.level, each.file) for each in found] == [
        (ERROR, "python/demo/_fast.so"),
        (WARNING, "python/demo/arm/libx.so"),
    ]
    assert check(wheel("good", files={**files, "demo/x86/libx.so": make_elf()})).errors == ()


def test_a_library_is_found_in_another_package(check: Check, wheel: Wheel) -> None:
    one = wheel("one", files={"one/_fast.so": needing("libx.so.1", runpath="$ORIGIN/../two/lib")})
    other = wheel("two", files={"two/lib/libx.so.1": make_elf()})
    assert check(one, other).findings == ()
    (found,) = check(one).findings
    assert (found.level, found.package) == (ERROR, "one")


def test_libraries_that_need_each_other_are_fine(check: Check, wheel: Wheel) -> None:
    files = {
        "demo/libone.so": needing("libtwo.so", runpath="$ORIGIN"),
        "demo/libtwo.so": needing("libone.so", runpath="$ORIGIN"),
        "demo/libself.so": needing("libself.so"),
    }
    assert check(wheel(files=files)).findings == ()


def test_a_link_that_the_wheel_could_not_keep_is_told_by_the_soname(check_zip: Check) -> None:
    files = {
        "python/demo/_fast.so": needing("libx.so.1", runpath="$ORIGIN"),
        "python/demo/libx.so.1": b"libx.so.1.2.3",
        "python/demo/libx.so.1.2.3": make_elf(soname="libx.so.1"),
    }
    (found,) = check_zip(files).findings
    assert (found.level, "python/demo/libx.so.1.2.3" in found.what) == (WARNING, True)


CXX = "libstdc++.so.6"


@pytest.mark.parametrize(
    ("kind", "place"),
    [("runpath", "demo"), ("nothing", "demo"), ("nothing", "other"), ("opt", "../lib")],
    ids=["run path after the system", "beside it", "in another package", "opt/lib after the system"],
)
def test_a_copy_of_the_runtimes_own_library_is_not_found_before_it(
    check_zip: Check, kind: str, place: str
) -> None:
    newer = {CXX: ["GLIBCXX_3.4.33"]}
    files = {
        "python/demo/_fast.so": make_elf(
            needed=[CXX], versions=newer, runpath="$ORIGIN" * (kind == "runpath")
        ),
        f"python/{place}/{CXX}".replace("python/../", ""): make_elf(soname=CXX),
    }
    (found,) = check_zip(files).findings
    assert (found.level, found.todo) == (WARNING, "make sure that it is loaded first")
    assert "and python3.12 has 3.4.29; the copy in the layer (" in found.what


def test_a_copy_that_an_rpath_finds_serves_what_is_loaded_after_it(check_zip: Check) -> None:
    newer = {CXX: ["GLIBCXX_3.4.33"]}
    files = {
        "python/demo/_fast.so": needing(CXX, "libdeep.so", rpath="$ORIGIN"),
        "python/demo/libdeep.so": make_elf(needed=[CXX], versions=newer),
        f"python/demo/{CXX}": make_elf(soname=CXX),
    }
    assert check_zip(files).findings == ()
