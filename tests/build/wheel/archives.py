"""Zip archives written byte by byte, so that any field of them can lie."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.build.wheelhouse import record_hash

LOCAL = struct.Struct("<4sHHHHHIIIHH")
CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
END = struct.Struct("<4sHHHHIIH")
END_64 = struct.Struct("<4sQHHIIQQQQ")
LOCATOR_64 = struct.Struct("<4sIQI")
UTF_8, DESCRIBED = 1 << 11, 1 << 3
FULL = 0xFFFFFFFF
DIST_INFO = "demo-1.0.dist-info"
FILENAME = "demo-1.0-py3-none-any.whl"
Fields = dict[str, Any]


def deflated(content: bytes, level: int = 6) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


@dataclass(frozen=True)
class Part:
    """One member; what is not given is as it should be.

    Attributes:
        name: text, or the bytes as they are to stand there.
        content: what it unpacks to.
        method: 0 or 8; for another, `packed` is stored content.
        packed: the packed stream.
        mode: what stands in the upper half of the external attributes.
        local: fields of its own header that differ: flags, method, crc, packed, size, name, extra, mark.
        central: fields of the directory's entry that differ: the same, and offset, volume.
        descriptor: the `struct` layout of a descriptor behind the stream, such as `<4sIII`.
        told: fields of the descriptor that differ.
        before: bytes before its header.
    """

    name: str | bytes
    content: bytes = b""
    method: int = 8
    packed: bytes | None = None
    mode: int = 0o100644
    local: Fields = field(default_factory=dict)
    central: Fields = field(default_factory=dict)
    descriptor: str = ""
    told: Fields = field(default_factory=dict)
    before: bytes = b""

    @property
    def raw_name(self) -> bytes:
        return self.name if isinstance(self.name, bytes) else self.name.encode()

    @property
    def stream(self) -> bytes:
        if self.packed is not None:
            return self.packed
        return deflated(self.content) if self.method == 8 else self.content

    def fields(self) -> dict[str, Any]:
        flags = 0 if self.raw_name.isascii() or isinstance(self.name, bytes) else UTF_8
        return {
            "name": self.raw_name,
            "flags": flags | (DESCRIBED if self.descriptor else 0),
            "method": self.method,
            "crc": zlib.crc32(self.content),
            "packed": len(self.stream),
            "size": len(self.content),
            "extra": b"",
        }

    def written(self) -> bytes:
        """Its header, stream and descriptor."""
        got = self.fields() | {"mark": b"PK\3\4"}
        if self.descriptor:
            got |= {"crc": 0, "packed": 0, "size": 0}
        got |= self.local
        sizes = (got["crc"], got["packed"], got["size"])
        head = LOCAL.pack(
            got["mark"], 20, got["flags"], got["method"], 0, 33, *sizes, len(got["name"]), len(got["extra"])
        )
        return b"".join([head, got["name"], got["extra"], self.stream, self._described()])

    def _described(self) -> bytes:
        if not self.descriptor:
            return b""
        got = self.fields() | self.told
        values = [got["crc"], got["packed"], got["size"]]
        return struct.pack(self.descriptor, *([b"PK\7\10"] if "4s" in self.descriptor else []), *values)

    def entry(self, offset: int) -> bytes:
        """Its entry in the directory."""
        got = self.fields() | {"offset": offset, "volume": 0, "mark": b"PK\1\2"} | self.central
        head = CENTRAL.pack(
            got["mark"], 3 << 8 | 20, 20, got["flags"], got["method"], 0, 33, got["crc"], got["packed"],
            got["size"], len(got["name"]), len(got["extra"]), 0, got["volume"], 0, self.mode << 16,
            got["offset"],
        )  # fmt: skip
        return b"".join([head, got["name"], got["extra"]])


def archive(
    parts: Iterable[Part],
    *,
    end: Fields | None = None,
    end_64: Fields | None = None,
    locator: Fields | None = None,
    comment: bytes = b"",
    gap: bytes = b"",
) -> bytes:
    """Writes an archive.

    Args:
        parts: its members.
        end: fields of the end record that differ: disk, other_disk, here, members, size, begin, comment.
        end_64: makes it zip64; fields of that record that differ: the same without comment, and length, mark.
        locator: fields of its locator that differ: disk, place, disks.
        comment: of the archive.
        gap: bytes before the directory.
    """
    out, entries = bytearray(), bytearray()
    count = 0
    for part in parts:
        out += part.before
        entries += part.entry(len(out))
        out += part.written()
        count += 1
    out += gap
    told = {"disk": 0, "other_disk": 0, "here": count, "members": count, "size": len(entries)}
    told |= {"begin": len(out), "comment": len(comment)}
    out += entries
    if end_64 is not None or locator is not None:
        out += _ends_64(told, len(out), end_64 or {}, locator or {})
    told |= end or {}
    out += END.pack(b"PK\5\6", *told.values())
    return bytes(out + comment)


def _ends_64(told: Fields, place: int, changed: Fields, locator: Fields) -> bytes:
    large: dict[str, Any] = {"mark": b"PK\6\6", "length": 44, "rest": b""} | dict(told) | dict(changed)
    where = {"disk": 0, "place": place, "disks": 1} | dict(locator)
    record = END_64.pack(
        large["mark"], large["length"], 45, 45, large["disk"], large["other_disk"], large["here"],
        large["members"], large["size"], large["begin"],
    )  # fmt: skip
    return b"".join(
        [record, large["rest"], LOCATOR_64.pack(b"PK\6\7", where["disk"], where["place"], where["disks"])]
    )


MODULES = {
    "demo/__init__.py": b"value = 1\n" * 8,
    "demo/deep/data.json": b"{}\n" * 8,
    "demo-1.0.data/purelib/extra.py": b"extra = True\n" * 8,
}
WHEEL = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"


def record_of(parts: Iterable[Part], folder: str = DIST_INFO) -> bytes:
    """A true RECORD of members."""
    lines = []
    for part in parts:
        name = part.name if isinstance(part.name, str) else part.name.decode("utf-8", "replace")
        if not name.endswith("/"):
            quoted = '"' + name.replace('"', '""') + '"' if set(name) & set(',"\r\n') else name
            lines.append(f"{quoted},{record_hash(part.content)},{len(part.content)}\n")
    return ("".join(lines) + f"{folder}/RECORD,,\n").encode("utf-8", "surrogatepass")


def members(
    extra: Sequence[Part] = (), *, record: bytes | None = None, folder: str = DIST_INFO
) -> list[Part]:
    """The members of a sound wheel, with more of them first, and a RECORD that is true of all."""
    listed = [
        *extra,
        *(Part(name, content) for name, content in MODULES.items()),
        Part(f"{folder}/METADATA", METADATA),
        Part(f"{folder}/WHEEL", WHEEL),
    ]
    return [*listed, Part(f"{folder}/RECORD", record_of(listed, folder) if record is None else record)]


def changed(parts: Sequence[Part], name: str, **changes: Any) -> list[Part]:
    """The members with one of them changed."""
    assert any(part.name == name for part in parts)
    return [replace(part, **changes) if part.name == name else part for part in parts]


VICTIMS = [str(part.name) for part in members()]
