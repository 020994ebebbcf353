"""An ELF file: its machine, the libraries that it needs, and the versions of their symbols."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from elftools.common.exceptions import ELFError
from elftools.construct import Container
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from elftools.elf.hash import GNUHashSection, GNUHashTable
from elftools.elf.sections import StringTableSection, SymbolTableSection

# More than any real file has; a damaged one may claim to have thousands of millions.
_MOST = 20_000
_MOST_TEXT = 1_000_000
# What is read of the dynamic section, and what the library calls it.
_TAGS = {"DT_NEEDED": "needed", "DT_SONAME": "soname", "DT_RPATH": "rpath", "DT_RUNPATH": "runpath"}
_MACHINES = {"EM_X86_64": "x86_64", "EM_AARCH64": "aarch64", "EM_386": "i686", "EM_ARM": "arm"}
# The same processors in other widths and orders of bytes, whose files the usual system cannot load.
_ODD_MACHINES = {
    ("x86_64", 32, True): "x32",
    ("aarch64", 64, False): "aarch64_be",
    ("aarch64", 32, True): "aarch64_ilp32",
}


def elf_facts(stream: IO[bytes], name: str) -> dict[str, Any]:
    """Reads an ELF file ("System V Application Binary Interface", and GNU's symbol versions).

    Args:
        stream: seekable, at its beginning.
        name: of the file, without folders.

    Returns:
        As JSON has it: `machine` (as `uname -m` says), `needed` (libraries), `runpath` (folders, with
        `$ORIGIN`), `rpath` (the same, where there is no run path: those count for what it loads, too),
        `soname`, `versions` (library to the symbol versions that it must have), `module` (whether it is an
        extension module), `shared` (whether it can be loaded); or `fault` alone, where it cannot be read.
    """
    try:
        elf = ELFFile(stream)
        if elf.num_sections() > _MOST:
            raise ELFError(f"it claims to have {elf.num_sections()} sections")  # noqa: TRY301 (as the library does)
        facts: dict[str, Any] = {
            "machine": _machine(elf),
            "needed": [],
            "runpath": [],
            "rpath": [],
            "soname": "",
            "versions": {},
            "module": _has_symbol(elf, f"PyInit_{name.partition('.')[0]}"),
            "shared": elf.header["e_type"] == "ET_DYN",
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


def _machine(elf: ELFFile) -> str:
    number = str(elf.header["e_machine"])
    machine = _MACHINES.get(number, number.removeprefix("EM_").lower())
    return _ODD_MACHINES.get((machine, elf.elfclass, elf.little_endian), machine)


def _has_symbol(elf: ELFFile, name: str) -> bool:
    # What an extension module must have by its name (PEP 489), beside those with names beyond ASCII.
    if not elf.num_sections():
        segment = _segment(elf)
        offset = _offset(segment, "DT_GNU_HASH")
        return bool(segment and offset and GNUHashTable(elf, offset, segment).get_symbol(name))
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


def _segment(elf: ELFFile) -> DynamicSegment | None:
    return next((each for each in elf.iter_segments() if isinstance(each, DynamicSegment)), None)


def _dynamic(elf: ELFFile) -> Iterator[tuple[str, str]]:
    segment = _segment(elf)
    for tag in islice(segment.iter_tags(), _MOST) if segment else ():
        kind = tag.entry.d_tag
        if kind in _TAGS:
            yield kind, str(getattr(tag, _TAGS[kind]))


def _offset(segment: DynamicSegment | None, tag: str) -> int | None:
    """Where in the file a table of the dynamic segment begins; None where there is none."""
    return segment.get_table_offset(tag)[1] if segment else None


def _versions(elf: ELFFile) -> Iterator[tuple[str, str]]:
    section = next((each for each in elf.iter_sections() if isinstance(each, GNUVerNeedSection)), None)
    if not elf.num_sections():
        section = _unlisted_versions(elf)
    for library, versions in section.iter_versions() if section else ():
        version = None
        for version in versions:
            yield str(library.name), str(version.name)
        if version is None:
            raise ELFError(f"it needs {library.name} without a version")


def _unlisted_versions(elf: ELFFile) -> GNUVerNeedSection | None:
    """The needed versions where the file lists no sections: the dynamic linker needs none either."""
    segment = _segment(elf)
    start, strings = _offset(segment, "DT_VERNEED"), _offset(segment, "DT_STRTAB")
    if segment is None or start is None or strings is None:
        return None
    count = next((int(tag["d_val"]) for tag in islice(segment.iter_tags("DT_VERNEEDNUM"), 1)), 0)
    usual = {"sh_flags": 0, "sh_size": 0, "sh_addralign": 1}
    table = StringTableSection(Container(sh_offset=strings, sh_type="SHT_STRTAB", **usual), "", elf)
    header = Container(sh_offset=start, sh_info=count, sh_type="SHT_GNU_verneed", **usual)
    return GNUVerNeedSection(header, "", elf, table)
