"""ELF files: the target's machine, its symbols, and the extension modules that its Python takes."""

from __future__ import annotations

import pytest

from build.target import Target
from build.verify.findings import ERROR, WARNING, Finding

from .conftest import Check, Wheel
from .elf_files import make_elf

X86 = Target("3.12", "x86_64")
ARM = Target("3.12", "arm64")
OLD = Target("3.11", "x86_64")
NEWER_SYSTEM = (
    "pin a version with a wheel for an older system, choose a newer Python, or exclude the file if nothing "
    "loads it"
)


def extension(name: str, target: Target = X86, *, python: str = "", machine: str = "") -> str:
    """The name of an extension module's file."""
    tag = f"cpython-{(python or target.python).replace('.', '')}-{machine or target.machine}-linux-gnu"
    return f"{name}.{tag}.so"


@pytest.mark.parametrize("target", [X86, ARM, OLD], ids=str)
def test_what_the_target_loads_is_found_good(check: Check, wheel: Wheel, target: Target) -> None:
    elf = make_elf(
        target.machine,
        module="fast",
        needed=["libc.so.6", "libpthread.so.0", "libstdc++.so.6", "libgcc_s.so.1", "libz.so.1"],
        versions={
            "libc.so.6": ["GLIBC_2.26", "GLIBC_2.2.5", "GLIBC_PRIVATE"],
            "libstdc++.so.6": ["GLIBCXX_3.4.24", "CXXABI_1.3.11"],
            "libgcc_s.so.1": ["GCC_3.0"],
        },
    )
    assert check(wheel(files={extension("fast", target): elf}), target=target).findings == ()


def test_a_newer_glibc_than_amazon_linux_2_has_is_good_on_2023(check: Check, wheel: Wheel) -> None:
    elf = make_elf(needed=["libc.so.6"], versions={"libc.so.6": ["GLIBC_2.17", "GLIBC_2.28", "GLIBC_2.4"]})
    one = wheel(files={"fast.abi3.so": elf})
    assert check(one, target=X86).findings == ()
    what = "it needs glibc with GLIBC_2.28, and python3.11 has 2.26"
    assert check(one, target=OLD).findings == (
        Finding(ERROR, "demo", "python/fast.abi3.so", what, NEWER_SYSTEM),
    )


@pytest.mark.parametrize(
    ("target", "library", "version", "what"),
    [
        (X86, "libc.so.6", "GLIBC_2.35", "glibc with GLIBC_2.35, and python3.12 has 2.34"),
        (X86, "libm.so.6", "GLIBC_2.38", "glibc with GLIBC_2.38, and python3.12 has 2.34"),
        (ARM, "libc.so.6", "GLIBC_2.35", "glibc with GLIBC_2.35, and python3.12 has 2.34"),
        (X86, "libc.so.6", "GLIBC_ABI_DT_RELR", "glibc with GLIBC_2.36, and python3.12 has 2.34"),
        (OLD, "libc.so.6", "GLIBC_ABI_DT_RELR", "glibc with GLIBC_2.36, and python3.11 has 2.26"),
        (X86, "libc.so.6", "GLIBC_ABI_GNU2_TLS", "glibc with GLIBC_2.42, and python3.12 has 2.34"),
        (X86, "libstdc++.so.6", "GLIBCXX_3.4.30", "libstdc++ with GLIBCXX_3.4.30, and python3.12 has 3.4.29"),
        (OLD, "libstdc++.so.6", "GLIBCXX_3.4.26", "libstdc++ with GLIBCXX_3.4.26, and python3.11 has 3.4.24"),
        (OLD, "libstdc++.so.6", "CXXABI_1.3.13", "libstdc++ with CXXABI_1.3.13, and python3.11 has 1.3.11"),
        (X86, "libgcc_s.so.1", "GCC_12.0.0", "libgcc_s with GCC_12.0.0, and python3.12 has 11.0.0"),
        (OLD, "libgcc_s.so.1", "GCC_11.0", "libgcc_s with GCC_11.0, and python3.11 has 7.0.0"),
    ],
)
def test_a_symbol_that_the_runtime_lacks_is_an_error(
    check: Check, wheel: Wheel, target: Target, library: str, version: str, what: str
) -> None:
    elf = make_elf(target.machine, needed=[library], versions={library: [version]})
    found = check(wheel(files={"demo/_fast.so": elf}), target=target).findings
    assert found == (Finding(ERROR, "demo", "python/demo/_fast.so", f"it needs {what}", NEWER_SYSTEM),)


def test_the_layers_own_libstdcxx_counts_and_its_own_glibc_does_not(check: Check, wheel: Wheel) -> None:
    elf = make_elf(
        needed=["libstdc++.so.6", "libc.so.6"],
        rpath="$ORIGIN/demo.libs",
        versions={"libstdc++.so.6": ["GLIBCXX_3.4.33"], "libc.so.6": ["GLIBC_2.39"]},
    )
    files = {
        "fast.so": elf,
        "demo.libs/libstdc++.so.6": make_elf(soname="libstdc++.so.6"),
        "demo.libs/libc.so.6": make_elf(soname="libc.so.6"),
    }
    (found,) = check(wheel(files=files)).findings
    assert found.what == "it needs glibc with GLIBC_2.39, and python3.12 has 2.34"


def test_every_file_and_every_library_is_told_at_once(check: Check, wheel: Wheel) -> None:
    both = make_elf(
        needed=["libc.so.6", "libstdc++.so.6"],
        versions={"libc.so.6": ["GLIBC_2.40", "GLIBC_2.99"], "libstdc++.so.6": ["GLIBCXX_3.4.31"]},
    )
    one = wheel("alpha", files={"alpha.so": both})
    other = wheel("beta", files={"beta.so": both, "gamma.so": make_elf(needed=["libnowhere.so"])})
    found = check(one, other).findings
    assert [(each.package, each.file, each.what.split(",")[0]) for each in found] == [
        ("alpha", "python/alpha.so", "it needs glibc with GLIBC_2.99"),
        ("alpha", "python/alpha.so", "it needs libstdc++ with GLIBCXX_3.4.31"),
        ("beta", "python/beta.so", "it needs glibc with GLIBC_2.99"),
        ("beta", "python/beta.so", "it needs libstdc++ with GLIBCXX_3.4.31"),
        ("beta", "python/gamma.so", "it needs libnowhere.so"),
    ]


@pytest.mark.parametrize(("target", "other"), [(X86, "aarch64"), (ARM, "x86_64"), (X86, "i686")], ids=str)
@pytest.mark.parametrize("name", ["fast.abi3.so", "fast.so"])
def test_an_extension_module_for_another_machine_is_an_error(
    check: Check, wheel: Wheel, target: Target, other: str, name: str
) -> None:
    found = check(wheel(files={name: make_elf(other, module="fast")}), target=target).findings
    what = f"it is for {other}, and {target.architecture} is asked for"
    assert found == (Finding(ERROR, "demo", f"python/{name}", what, "choose a wheel for the target"),)


@pytest.mark.parametrize(("target", "other"), [(X86, "aarch64"), (ARM, "x86_64"), (X86, "riscv")], ids=str)
def test_a_helper_for_another_machine_is_a_warning_and_its_needs_do_not_matter(
    check: Check, wheel: Wheel, target: Target, other: str
) -> None:
    helper = make_elf(other, needed=["libnowhere.so"], versions={"libc.so.6": ["GLIBC_2.99"]})
    found = check(wheel(files={"demo/attach.so": helper}), target=target).findings
    what = f"it is for {other}, and {target.architecture} is asked for"
    todo = "leave it out if nothing needs it"
    assert found == (Finding(WARNING, "demo", "python/demo/attach.so", what, todo),)


@pytest.mark.parametrize(
    ("tag", "machine"),
    [
        ("cpython-311-x86_64-linux-gnu", "x86_64"),
        ("cpython-313t-x86_64-linux-gnu", "x86_64"),
        ("cpython-312-x86_64-linux-musl", "x86_64"),
        ("pypy310-pp73-x86_64-linux-gnu", "x86_64"),
        ("graalpy240-311-native-x86_64-linux", "x86_64"),
    ],
)
def test_an_extension_module_with_another_tag_is_an_error(
    check: Check, wheel: Wheel, tag: str, machine: str
) -> None:
    path = f"demo/_fast.{tag}.so"
    found = check(wheel(files={"demo/__init__.py": b"", path: make_elf(machine, module="_fast")})).findings
    what = f"it is an extension module for {tag}, and python3.12 on x86_64 cannot import it"
    assert found == (Finding(ERROR, "demo", f"python/{path}", what, "choose a wheel for the target"),)


@pytest.mark.parametrize("name", ["demo/fast", "demo/fast.so.1", "demo/fast.dll"])
def test_what_no_import_finds_is_no_extension_module(check: Check, wheel: Wheel, name: str) -> None:
    (found,) = check(wheel(files={name: make_elf("aarch64", module="fast")})).findings
    assert found.level == WARNING


def test_a_package_for_another_machine_is_told_by_its_modules_alone(check: Check, wheel: Wheel) -> None:
    files = {
        extension("fast", ARM): make_elf("aarch64", module="fast"),
        "demo.libs/libx.so.1": make_elf("aarch64"),
    }
    other = wheel("other", files={"other/attach.so": make_elf("aarch64")})
    found = check(wheel(files=files), other).findings
    assert [(each.level, each.package, each.file) for each in found] == [
        (ERROR, "demo", "python/fast.cpython-312-aarch64-linux-gnu.so"),
        (WARNING, "other", "python/other/attach.so"),
    ]


@pytest.mark.parametrize("tag", ["abi3", "cpython-312-x86_64-linux-gnu"])
def test_a_module_that_comes_for_several_pythons_needs_one_file_that_fits(
    check: Check, wheel: Wheel, tag: str
) -> None:
    tags = ("cpython-311-x86_64-linux-gnu", tag, "pypy310-pp73-x86_64-linux-gnu")
    files = {f"demo/_fast.{each}.so": make_elf(module="_fast") for each in tags}
    assert check(wheel(files=files)).findings == ()


def test_several_files_of_which_none_fits_are_one_error(check: Check, wheel: Wheel) -> None:
    tags = ("cpython-310-x86_64-linux-gnu", "cpython-311-x86_64-linux-gnu")
    (found,) = check(wheel(files={f"demo/_fast.{each}.so": make_elf() for each in tags})).findings
    assert found.file == "python/demo/_fast.cpython-310-x86_64-linux-gnu.so"
    assert found.what.startswith(f"it is an extension module for {tags[0]}, {tags[1]}, and python3.12")


def test_a_top_level_module_with_another_tag_is_one_error(check: Check, wheel: Wheel) -> None:
    (found,) = check(wheel(files={extension("fast", OLD): make_elf(module="fast")})).findings
    assert found.what.startswith("it is an extension module for cpython-311-x86_64-linux-gnu")


def test_what_is_no_module_may_have_any_name(check: Check, wheel: Wheel) -> None:
    files = {
        "demo.libs/libz-1f2e.so.1.2.3": make_elf(),
        "demo/plugin.so": make_elf(),
        "demo/tool": make_elf(),
    }
    assert check(wheel(files=files)).findings == ()


def test_a_module_for_another_system_is_an_error_though_it_is_no_elf_file(check: Check, wheel: Wheel) -> None:
    (found,) = check(wheel(files={"fast.cpython-312-darwin.so": b"\xcf\xfa\xed\xfe"})).findings
    assert found.level == ERROR
    assert found.what.startswith("it is an extension module for cpython-312-darwin, and python3.12")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "it is no ELF file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "it is no ELF file"),
        (b"!<arch>\n", "it is no ELF file"),
        (b"\xcf\xfa\xed\xfe", "it is a file for macOS"),
        (make_elf(needed=["libc.so.6"])[:200], "it is a damaged ELF file"),
        (b"\x7fELF\2\1\1" + bytes(9) + b"\1\0" + make_elf()[18:], "it is named as an extension module"),
    ],
    ids=["nothing", "a pointer", "an archive", "Mach-O", "a damaged file", "an object file"],
)
@pytest.mark.parametrize("tag", ["abi3", "cpython-312-x86_64-linux-gnu"])
def test_what_can_only_be_a_module_and_is_none_is_an_error(
    check: Check, wheel: Wheel, tag: str, content: bytes, what: str
) -> None:
    (found,) = check(wheel(files={f"demo/_fast.{tag}.so": content})).findings
    assert (found.level, found.what[: len(what)]) == (ERROR, what)


@pytest.mark.parametrize(
    ("name", "content", "system"),
    [("_fast.so", b"\xca\xfe\xba\xbe", "macOS"), ("_fast.cp312-win_amd64.pyd", b"MZ\x90\0", "Windows")],
)
def test_a_file_for_another_system_is_a_warning(
    check: Check, wheel: Wheel, name: str, content: bytes, system: str
) -> None:
    (found,) = check(wheel(files={f"demo/{name}": content})).findings
    assert (found.level, found.what) == (WARNING, f"it is a file for {system}, and Lambda's is Linux")


def test_a_damaged_file_is_a_warning(check: Check, wheel: Wheel) -> None:
    whole = make_elf(needed=["libc.so.6"])
    (found,) = check(wheel(files={"demo/_fast.so": whole[:200]})).findings
    assert (found.level, found.package, found.file) == (WARNING, "demo", "python/demo/_fast.so")
    assert found.what.startswith("it is a damaged ELF file (")
    assert found.todo == "build the wheel again"
