"""Odd wheels that are sound: pip installs them, so they must come out right."""

from __future__ import annotations

import base64
import hashlib
import io
import struct
import zipfile

from tests.build.wheelhouse import record_hash

from .archives import DIST_INFO, FULL, METADATA, MODULES, WHEEL, Part, archive, changed, members, record_of

MODULE, DEEP, DATA = MODULES


def _zip64_members() -> list[Part]:
    """Sizes in zip64 fields, before the streams and in the directory."""
    parts = []
    for part in members():
        size, packed = len(part.content), len(part.stream)
        extra = struct.pack("<HHQQ", 1, 16, size, packed)
        both = {"size": FULL, "packed": FULL, "extra": extra}
        parts.append(Part(part.name, part.content, local=both, central=both))
    return parts


def _as_zipfile_writes(*, force_zip64: bool, pipe: bool, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(_Pipe(out) if pipe else out, "w", method) as made:
        for part in members():
            with made.open(str(part.name), "w", force_zip64=force_zip64) as stream:
                stream.write(part.content)
    return out.getvalue()


def _in_another_order() -> bytes:
    """The directory lists the members in another order than they lie in."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for part in members():
            made.writestr(str(part.name), part.content)
        made.filelist.reverse()
    return out.getvalue()


def _reserved() -> bytes:
    """Room for zip64 sizes that were not needed in the end, before the streams and in the directory."""
    parts = []
    for part in members():
        extra = {"extra": struct.pack("<HHQQ", 1, 16, len(part.content), len(part.stream))}
        parts.append(Part(part.name, part.content, local=extra, central=extra))
    return archive(parts)


class _Pipe(io.RawIOBase):
    """What cannot be sought: zipfile then writes descriptors."""

    def __init__(self, out: io.BytesIO) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return self._out.write(data)  # type: ignore[arg-type]


def _described(layout: str, *, known: bool) -> bytes:
    """A descriptor behind every stream; the headers before them may know the numbers all the same."""
    parts = []
    for part in members():
        local = {name: part.fields()[name] for name in ("crc", "size", "packed")} if known else {}
        parts.append(Part(part.name, part.content, descriptor=layout, local=local))
    return archive(parts)


def _with(*parts: Part) -> bytes:
    return archive(members(parts))


def _renamed(name: str, content: bytes) -> bytes:
    parts = changed(members(), f"{DIST_INFO}/{name}", content=content)[:-1]
    return archive([*parts, Part(f"{DIST_INFO}/RECORD", record_of(parts))])


def _cp437() -> bytes:
    """A name of bytes above ASCII without the flag for UTF-8: code page 437, for pip too."""
    name = "demo/caf\u00e9.txt"
    listed = [*members()[:-1], Part(name, b"x")]
    parts = [*members()[:-1], Part(name.encode("cp437"), b"x")]
    return archive([*parts, Part(f"{DIST_INFO}/RECORD", record_of(listed))])


def _sha512() -> bytes:
    content = MODULES[MODULE]
    digest = base64.urlsafe_b64encode(hashlib.sha512(content).digest()).decode()
    lines = record_of(members()[:-1]).decode().replace(record_hash(content), f"sha512={digest}")
    return archive(members(record=lines.encode()))


ODD = {
    "plain": archive(members()),
    "stored": archive([Part(part.name, part.content, 0) for part in members()]),
    "a directory in another order": _in_another_order(),
    "room for zip64": _reserved(),
    "in reverse": archive(members()[::-1]),
    "zip64 end": archive(members(), end_64={}),
    "zip64 end only": archive(
        members(),
        end={"here": 0xFFFF, "members": 0xFFFF, "size": FULL, "begin": FULL},
        end_64={},
    ),
    "zip64 members": archive(_zip64_members()),
    "zip64 everywhere": archive(_zip64_members(), end_64={}),
    "zip64 by zipfile": _as_zipfile_writes(force_zip64=True, pipe=False),
    "zip64 through a pipe": _as_zipfile_writes(force_zip64=True, pipe=True),
    "through a pipe": _as_zipfile_writes(force_zip64=False, pipe=True),
    "stored through a pipe": _as_zipfile_writes(force_zip64=False, pipe=True, method=zipfile.ZIP_STORED),
    **{
        f"descriptor {layout}{' known before' * known}": _described(layout, known=known)
        for layout in ("<III", "<4sIII", "<IQQ", "<4sIQQ")
        for known in (False, True)
    },
    "a comment": archive(members(), comment=b"made by hand"),
    "extra fields": archive(
        [Part(part.name, part.content, local={"extra": b"UT\5\0\1\0\0\0\0"}) for part in members()]
    ),
    "a Unicode path that agrees": _with(
        Part("demo/x.py", b"x", central={"extra": b"\x75\x70\x0e\0\1\0\0\0\0demo/x.py"})
    ),
    "folders": _with(Part("demo/", method=0, mode=0o40755), Part("demo/empty/", mode=0o40755)),
    "folders twice": _with(Part("demo/", method=0), Part("demo/", method=0)),
    "empty files": _with(Part("demo/a", b""), Part("demo/b", b"", 0)),
    "names that differ in case": _with(
        Part("demo/A.py", b"A"), Part("demo/a.py", b"a"), Part("DEMO/a.py", b"b")
    ),
    "names that Windows has not": _with(
        Part("demo/aux.py", b"x"),
        Part("demo/con", b"x"),
        Part("demo/a.", b"x"),
        Part("demo/a b ?*.txt", b"x"),
    ),
    "names beyond ASCII": _with(Part("demo/\u65e5\u672c.py", b"x"), Part("demo/\U0001f600.txt", b"x")),
    "both forms of a letter": _with(Part("demo/\u00e9.py", b"1"), Part("demo/e\u0301.py", b"2")),
    "code page 437": _cp437(),
    "the longest names": _with(Part("demo/" + "x" * 255, b"x"), Part("/".join(["y" * 250] * 15), b"y")),
    "commas and quotes": _with(Part('demo/a,"b".txt', b"x")),
    "a path file": _with(Part("demo-nspkg.pth", b"import sys; sys.exit(1)\n")),
    "a file of the layer's root": _with(Part("lamina.json", b"{}"), Part("python/x.py", b"x")),
    "modes": _with(
        Part("demo/run", b"x", mode=0o100755),
        Part("demo/setuid", b"x", mode=0o104755),
        Part("demo/group", b"x", mode=0o100654),
        Part("demo/none", b"x", mode=0),
        Part("demo/unreadable", b"x", mode=0o100000),
    ),
    "data in every scheme": _with(
        Part("demo-1.0.data/platlib/p.py", b"p"),
        Part("demo-1.0.data/data/share/s.txt", b"s"),
        Part("Demo-1.0.0.data/purelib/q.py", b"q"),
    ),
    "vendored dist-infos": _with(Part("demo/_vendor/six-1.0.dist-info/RECORD", b"x")),
    "dist-info in other words": archive(
        members(folder="Demo-1.0.0.dist-info"),
    ),
    "a later minor format": _renamed("WHEEL", WHEEL.replace(b"Version: 1.0", b"Version: 1.9")),
    "a name in other words": _renamed("METADATA", METADATA.replace(b"Name: demo", b"Name: Demo")),
    "SHA-512": _sha512(),
    "RECORD in other lines": archive(members(record=record_of(members()[:-1]).replace(b"\n", b"\r\n"))),
}
