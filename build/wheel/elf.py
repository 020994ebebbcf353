"""An ELF file: its machine, the libraries that it needs, and the versions of their symbols."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from elftools.elf.hash import GNUHashSection
from elftools.elf.sections import SymbolTableSection

# More than any real file has; a damaged one may claim to have thousands of millions.
_MOST = 20_000
_MOST_TEXT = 1_000_000
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
        if elf.num_sections() > _MOST:
            raise ELFError(f"it claims to have {elf.num_sections()} sections")  # noqa: TRY301 (as the library does)
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
        for tag, value in _bounded(_dynamic(elf)):
            if tag == "DT_NEEDED":
                facts["needed"].append(value)
            elif tag == "DT_SONAME":
                facts["soname"] = value
            else:
                facts[_TAGS[tag]] += [each for each in value.split(":") if each]
        if facts["runpath"]:
            # The dynamic linker ignores the one where the other is (ld.so(8)).
            facts["rpath"] = []
        for library, version in _bounded(_versions(elf)):
            facts["versions"].setdefault(library, []).append(version)
    except Exception as error:  # noqa: BLE001 (the library raises whatever a damaged file leads it to)
        return {"fault": f"{type(error).__name__}: {error}"[:200]}
    return facts


def _has_symbol(elf: ELFFile, name: str) -> bool:
    # What an extension module must have by its name (PEP 489), beside those with names beyond ASCII.
    table = elf.get_section_by_name(".gnu.hash")
    if isinstance(table, GNUHashSection):
        return table.get_symbol(name) is not None
    # Some linkers write a table of the older kind, whose chains may have no end in a damaged file.
    symbols = elf.get_section_by_name(".dynsym")
    return isinstance(symbols, SymbolTableSection) and any(
        each.name == name for each in islice(symbols.iter_symbols(), _MOST)
    )


def _bounded(found: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The same, for as long as it can be a real file's: everything in a damaged one may refer to itself."""
    length = 0
    for count, each in enumerate(found):
        length += sum(map(len, each))
        if count >= _MOST or length > _MOST_TEXT:
            raise ELFError("it claims to need more than any real file does")
        yield each


def _dynamic(elf: ELFFile) -> Iterator[tuple[str, str]]:
    segment = next((each for each in elf.iter_segments() if isinstance(each, DynamicSegment)), None)
    for tag in islice(segment.iter_tags(), _MOST) if segment else ():
        kind = tag.entry.d_tag
        if kind in _TAGS:
            yield kind, str(getattr(tag, _TAGS[kind]))


def _versions(elf: ELFFile) -> Iterator[tuple[str, str]]:
    section = next((each for each in elf.iter_sections() if isinstance(each, GNUVerNeedSection)), None)
    for library, versions in section.iter_versions() if section else ():
        version = None
        for version in versions:
            yield str(library.name), str(version.name)
        if version is None:
            raise ELFError(f"it needs {library.name} without a version")
