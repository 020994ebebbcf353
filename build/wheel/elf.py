"""An ELF file: its machine, the libraries that it needs, and the versions of their symbols."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from elftools.elf.hash import GNUHashSection

# More than any real file has; a damaged one may claim to have thousands of millions.
_MOST = 20_000
# What is read of the dynamic section, and what the library calls it.
_TAGS = {"DT_NEEDED": "needed", "DT_SONAME": "soname", "DT_RPATH": "rpath", "DT_RUNPATH": "runpath"}
_MACHINES = {"EM_X86_64": "x86_64", "EM_AARCH64": "aarch64", "EM_386": "i686", "EM_ARM": "arm"}


def elf_facts(stream: IO[bytes], name: str) -> dict[str, Any]:
    """Reads an ELF file ("System V Application Binary Interface", and GNU's symbol versions).

    Args:
        stream: seekable, at its beginning.
        name: of the file, without folders.

    Returns:
        As JSON has it: `machine` (as `uname -m` says), `needed` (libraries), `runpath` (folders, with
        `$ORIGIN`), `rpath` (the same, where there is no run path: those count for what it loads, too),
        `soname`, `versions` (library to the symbol versions that it must have), `module` (whether it is an
        extension module); or `fault` alone, where it cannot be read.
    """
    try:
        elf = ELFFile(stream)
        machine = str(elf.header["e_machine"])
        facts: dict[str, Any] = {
            "machine": _MACHINES.get(machine, machine.removeprefix("EM_").lower()),
            "needed": [],
            "runpath": [],
            "rpath": [],
            "soname": "",
            "versions": {},
            "module": _has_symbol(elf, f"PyInit_{name.partition('.')[0]}"),
        }
        for tag, value in _dynamic(elf):
            if tag == "DT_NEEDED":
                facts["needed"].append(value)
            elif tag == "DT_SONAME":
                facts["soname"] = value
            else:
                facts[_TAGS[tag]] += [each for each in value.split(":") if each]
        if facts["runpath"]:
            # The dynamic linker ignores the one where the other is (ld.so(8)).
            facts["rpath"] = []
        for library, version in _versions(elf):
            facts["versions"].setdefault(library, []).append(version)
    except Exception as error:  # noqa: BLE001 (the library raises whatever a damaged file leads it to)
        return {"fault": f"{type(error).__name__}: {error}"[:200]}
    return facts


def _has_symbol(elf: ELFFile, name: str) -> bool:
    # What an extension module must have by its name (PEP 489), beside those with names beyond ASCII.
    table = elf.get_section_by_name(".gnu.hash")
    return isinstance(table, GNUHashSection) and table.get_symbol(name) is not None


def _dynamic(elf: ELFFile) -> Iterator[tuple[str, str]]:
    for segment in islice(elf.iter_segments(), _MOST):
        if isinstance(segment, DynamicSegment):
            for tag in islice(segment.iter_tags(), _MOST):
                kind = tag.entry.d_tag
                if kind in _TAGS:
                    yield kind, str(getattr(tag, _TAGS[kind]))


def _versions(elf: ELFFile) -> Iterator[tuple[str, str]]:
    for section in islice(elf.iter_sections(), _MOST):
        if isinstance(section, GNUVerNeedSection):
            for library, versions in islice(section.iter_versions(), _MOST):
                for version in islice(versions, _MOST):
                    yield str(library.name), str(version.name)
