"""Names that lead elsewhere, belong to other systems, forge lines or are none."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from ..archives import DIST_INFO, UTF_8, VICTIMS, Part, archive, changed, members
from .case import Case

ELSEWHERE = ["..", ".", "../evil.py", "../../../evil.py", "/evil.py", "//evil.py", "a/../../evil.py"]
ELSEWHERE += ["a/..", "a/../b.py", "./a.py", "a/./b.py", "a//b.py", "a/../../../../../../etc/cron.d/x"]
FOREIGN = ["..\\evil.py", "a\\b.py", "\\\\host\\share\\evil.py", "a/b\\..\\c.py"]
DRIVES = ["C:/evil.py", "c:/evil.py", "C:", "Z:/../evil.py", "c:evil.py", "C:evil.py"[:2] + "/x"]
CONTROL = [
    "a\nb.py",
    "a\rb.py",
    "a\tb.py",
    "a\x00b.py",
    "a\x1b[2Kb.py",
    "a\x7f.py",
    "a\x85b.py",
    "a\u2028b.py",
]
CONTROL += ["a\u2029b.py", "demo.py\n", "\nother,sha256=x,1"]
LONG = ["x" * 256, "ä" * 128, "/".join(["x" * 200] * 21), "x" * 5000]
FOLDERS = {"top": "", "package": "demo/", "data": "demo-1.0.data/purelib/", "dist-info": f"{DIST_INFO}/"}


def names() -> Iterator[Case]:
    for where, folder in FOLDERS.items():
        for kind, reason in (
            (ELSEWHERE, "has a name that leads elsewhere"),
            (FOREIGN, "has a name of another operating system"),
            (CONTROL, "has a control character in its name"),
            (LONG, "has a name that is too long"),
        ):
            for name in kind:
                parts = members([Part(folder + name, b"x")])
                yield Case(f"{name[:30]!r} in {where}", archive(parts), reason)
    for name in dict.fromkeys(DRIVES):
        yield Case(f"{name!r}", archive(members([Part(name, b"x")])), "of another operating system")
    yield Case("no name", archive(members([Part("", b"x")])), "leads elsewhere")


def names_that_are_not_utf_8() -> Iterator[Case]:
    for raw in (b"\xff.py", b"\xc3", b"\xed\xa0\x80.py", b"a\xc0\xaf.py", b"\xf8\x88\x80\x80\x80"):
        for where, folder in FOLDERS.items():
            name = folder.encode() + raw
            part = Part(name, b"x", local={"flags": UTF_8}, central={"flags": UTF_8})
            yield Case(f"{raw!r} as UTF-8 in {where}", archive(members([part])), "is not a sound zip archive")
    # Without the flag it is code page 437 for zipfile, and RECORD means another file.
    for text in ("ä.py", "日本.py", "a\u00a0b.py"):
        part = Part(text.encode(), b"x")
        yield Case(f"{text} without the flag", archive(members([part])), "is not in RECORD")


def second_names() -> Iterator[Case]:
    for victim in VICTIMS:
        data = struct.pack("<BI", 1, zlib.crc32(victim.encode())) + b"demo/other.py"
        extra = struct.pack("<HH", 0x7075, len(data)) + data
        parts = changed(members(), victim, central={"extra": extra})
        yield Case(
            f"{victim} is other.py in Unicode",
            archive(parts),
            "extra field has another name|has a second name",
        )


def names_that_fill_pages() -> Iterator[Case]:
    """Sound, as Linux goes, and not listed: what is said must not be as long as they are."""
    for times in (1, 5, 100):
        parts = [Part(f"{number}/" + "/".join(["x" * 200] * 20), b"x") for number in range(times)]
        raw = archive([*parts, *members()])
        yield Case(f"{times} names of 4,000 letters", raw, "… is not in RECORD")


NAMES = (
    names_that_fill_pages,
    names,
    names_that_are_not_utf_8,
    second_names,
)
