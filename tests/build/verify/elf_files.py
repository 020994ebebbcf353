"""Tiny real ELF files, written for a test: 64-bit little-endian shared objects with nothing to run."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from elftools.elf.hash import ELFHashTable, GNUHashTable

MACHINES = {"i686": 3, "x86_64": 62, "aarch64": 183, "riscv": 243}

_HEADER, _PROGRAM, _SECTION = 64, 56, 64
_PROGBITS, _STRTAB, _DYNAMIC, _DYNSYM = 1, 3, 6, 11
_GNU_HASH, _VERNEED = 0x6FFFFFF6, 0x6FFFFFFE
_NEEDED, _STRING_TABLE, _SYMBOL_TABLE, _SONAME, _RPATH, _RUNPATH = 1, 5, 6, 14, 15, 29
_TAG_GNU_HASH, _TAG_VERNEED, _TAG_VERNEEDNUM = 0x6FFFFEF5, 0x6FFFFFFE, 0x6FFFFFFF


class _Strings:
    """A string table, in which every string has its place."""

    def __init__(self) -> None:
        self.content = b"\0"

    def place(self, text: str) -> int:
        encoded = text.encode() + b"\0"
        found = self.content.find(b"\0" + encoded) + 1
        if not found:
            found = len(self.content)
            self.content += encoded
        return found


def make_elf(
    machine: str = "x86_64",
    *,
    needed: Sequence[str] = (),
    soname: str = "",
    rpath: str = "",
    runpath: str = "",
    versions: Mapping[str, Sequence[str]] | None = None,
    module: str = "",
) -> bytes:
    """Writes a shared object ("System V Application Binary Interface"; LSB, "Symbol Versioning").

    Args:
        machine: as `uname -m` says.
        needed: its libraries (DT_NEEDED).
        soname: its own name.
        rpath: folders with `:` between them (DT_RPATH).
        runpath: the same (DT_RUNPATH).
        versions: library to the symbol versions that are needed of it.
        module: what it is imported as, where it is an extension module: it has `PyInit_<module>` then.
    """
    strings = _Strings()
    tags = [(_NEEDED, strings.place(each)) for each in needed]
    tags += [
        (tag, strings.place(text))
        for tag, text in ((_SONAME, soname), (_RPATH, rpath), (_RUNPATH, runpath))
        if text
    ]
    symbol = f"PyInit_{module}" if module else ""
    symbols, hashes = _symbols(symbol, strings)
    wanted = _wanted(versions or {}, strings)
    names = _Strings()
    # Each with its type, and the number of the section that it refers to: 1 are the strings, 2 the symbols.
    sections = [
        (".dynstr", _STRTAB, strings.content, 0, 0),
        (".dynsym", _DYNSYM, symbols, 1, 1),
        (".gnu.hash", _GNU_HASH, hashes, 2, 0),
        *([(".gnu.version_r", _VERNEED, wanted, 1, len(versions))] if versions else []),
        (".dynamic", _DYNAMIC, b"", 1, 0),
    ]
    body, table = b"", [bytes(_SECTION)]
    start = _HEADER + 2 * _PROGRAM
    places: dict[str, int] = {}
    for name, kind, content, link, info in sections:
        if kind == _DYNAMIC:
            tags += [(_STRING_TABLE, places[".dynstr"]), (_SYMBOL_TABLE, places[".dynsym"])]
            tags.append((_TAG_GNU_HASH, places[".gnu.hash"]))
            if versions:
                tags += [(_TAG_VERNEED, places[".gnu.version_r"]), (_TAG_VERNEEDNUM, len(versions))]
            content = b"".join(struct.pack("<QQ", *each) for each in [*tags, (0, 0)])  # noqa: PLW2901
        places[name] = start + len(body)
        sizes = {_DYNSYM: 24, _DYNAMIC: 16}
        table.append(
            _section(names.place(name), kind, places[name], len(content), link, info, sizes.get(kind, 0))
        )
        body += content + bytes(-len(content) % 8)
    table.append(_section(names.place(".shstrtab"), _STRTAB, start + len(body), len(names.content), 0, 0, 0))
    dynamic_size = 16 * (len(tags) + 1)
    body += names.content + bytes(-len(names.content) % 8)
    end = start + len(body)
    segments = _segment(1, 0, end) + _segment(2, places[".dynamic"], dynamic_size)
    return _header(machine, end, len(table)) + segments + body + b"".join(table)


def without_sections(elf: bytes) -> bytes:
    """The same file after `sstrip`: the table of sections is no longer told of."""
    return elf[:40] + bytes(8) + elf[48:58] + struct.pack("<HHH", _SECTION, 0, 0) + elf[64:]


def _header(machine: str, sections: int, count: int) -> bytes:
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    sizes = (_HEADER, _PROGRAM, 2, _SECTION, count, count - 1)
    return ident + struct.pack("<HHIQQQIHHHHHH", 3, MACHINES[machine], 1, 0, _HEADER, sections, 0, *sizes)


def _segment(kind: int, offset: int, size: int) -> bytes:
    return struct.pack("<IIQQQQQQ", kind, 4, offset, offset, offset, size, size, 8)


def _section(name: int, kind: int, offset: int, size: int, link: int, info: int, entry: int) -> bytes:
    return struct.pack("<IIQQQQIIQQ", name, kind, 2, offset, offset, size, link, info, 8, entry)


def _symbols(symbol: str, strings: _Strings) -> tuple[bytes, bytes]:
    """The symbol table and the GNU hash table, of one symbol or none."""
    nothing = bytes(24)
    if not symbol:
        # One bucket, empty; a filter that lets nothing through.
        return nothing, struct.pack("<IIIIQI", 1, 1, 1, 0, 0, 0)
    defined = struct.pack("<IBBHQQ", strings.place(symbol), 0x12, 0, 1, 0x1000, 0)
    last = GNUHashTable.gnu_hash(symbol) | 1
    return nothing + defined, struct.pack("<IIIIQII", 1, 1, 1, 0, 2**64 - 1, 1, last)


def _wanted(versions: Mapping[str, Sequence[str]], strings: _Strings) -> bytes:
    """The section .gnu.version_r."""
    pieces = []
    for number, (library, names) in enumerate(versions.items(), 1):
        size = 16 * (len(names) + 1)
        following = 0 if number == len(versions) else size
        pieces.append(struct.pack("<HHIII", 1, len(names), strings.place(library), 16, following))
        for left, name in zip(range(len(names) - 1, -1, -1), names, strict=True):
            number_of = ELFHashTable.elf_hash(name)
            pieces.append(struct.pack("<IHHII", number_of, 0, 2, strings.place(name), 16 if left else 0))
    return b"".join(pieces)
