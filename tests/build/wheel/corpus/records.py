"""RECORD: missing, damaged, or not true of the files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from tests.build.wheelhouse import record_hash

from ..archives import DIST_INFO, VICTIMS, Part, archive, members, record_of
from .case import Case

RECORD = f"{DIST_INFO}/RECORD"
LISTED = [name for name in VICTIMS if name != RECORD]


def _with(text: str | bytes) -> bytes:
    return archive(members(record=text.encode() if isinstance(text, str) else text))


def _line(name: str, old: str, digest: str, size: str) -> str:
    return "".join(
        f"{name},{digest},{size}\n" if line.startswith(f"{name},") else line
        for line in old.splitlines(keepends=True)
    )


def lines_that_lie() -> Iterator[Case]:
    true = record_of(members()[:-1]).decode()
    for part in members()[:-1]:
        name, content = str(part.name), part.content
        good, size = record_hash(content), str(len(content))
        plain = hashlib.sha256(content).hexdigest()
        for what, digest, length, reason in (
            ("of other bytes", record_hash(b"other"), size, "is not the file that RECORD lists"),
            ("of nothing", record_hash(b""), size, "is not the file that RECORD lists"),
            ("of another size", good, "7", "is not the file that RECORD lists"),
            ("of no number", good, "many", "is not the file that RECORD lists"),
            ("with no hash", "", size, "no SHA-256 or better in RECORD, but no hash"),
            ("with an empty hash", "sha256=", size, "no SHA-256 or better in RECORD, but sha256"),
            ("in hexadecimal", f"sha256={plain}", size, "is not the file that RECORD lists"),
            ("with MD5", f"md5={hashlib.md5(content).hexdigest()}", size, "but md5"),
            ("with SHA-1", f"sha1={hashlib.sha1(content).hexdigest()}", size, "but sha1"),
            ("with an unknown hash", f"crc32\x1b={plain}", size, r"but 'crc32\\x1b'"),
            ("with the hash of another kind", good.replace("sha256", "sha512"), size, "is not the file"),
            ("with half a hash", good[:20], size, "is not the file that RECORD lists"),
        ):
            yield Case(f"{name} {what}", _with(_line(name, true, digest, length)), reason)
        absent = "".join(line for line in true.splitlines(keepends=True) if not line.startswith(f"{name},"))
        yield Case(f"{name} is not listed", _with(absent), "is not in RECORD")
        for other in (f"./{name}", f"/{name}", name.upper(), name.replace("/", "\\"), f"{name}\x00"):
            yield Case(
                f"{name} is listed as {other!r}", _with(true.replace(f"{name},", f"{other},")), "RECORD"
            )
        yield Case(f"{name} is listed twice", _with(f"{true}{name},{record_hash(b'x')},1\n"), "listed twice")


def damaged_records() -> Iterator[Case]:
    true = record_of(members()[:-1]).decode()
    yield Case("no RECORD", archive(members()[:-1]), f"has no {RECORD}; it is not a complete wheel")
    yield Case("an empty line", _with(record_of(members()[:-1]).decode() + "\n"), "it has an empty line")
    yield Case("an empty RECORD", _with(""), "is not in RECORD")
    for what, line, reason in (
        ("one field", "demo/x.py\n", "has 1 fields instead of 3"),
        ("two fields", "demo/x.py,\n", "has 2 fields instead of 3"),
        ("four fields", "demo/x.py,,,\n", "has 4 fields instead of 3"),
        ("an open quote", '"demo/x.py,,\n', "it is not CSV"),
        ("a quote within", '"demo"x.py,,\n', "it is not CSV"),
        ("a field without end", "x" * 200_000 + ",,\n", "it is not CSV"),
        ("an absent file", "demo/gone.py,,\n", "demo/gone.py is in RECORD but not in the wheel"),
        ("an absent folder", "demo/gone/,,\n", "demo/gone/ is in RECORD but not in the wheel"),
        ("a name with a newline", '"demo/\ngone.py",,\n', r"'demo/\\ngone.py' is in RECORD but not"),
        ("a name of 9,000 letters", "x" * 9000 + ",,\n", "x… is in RECORD but not in the wheel"),
        ("a file elsewhere", "../../evil.py,,\n", "evil.py is in RECORD but not in the wheel"),
    ):
        yield Case(f"a RECORD with {what}", _with(true + line), reason)
        yield Case(f"a RECORD with {what} first", _with(line + true), reason)
    for encoding in ("utf-16", "utf-32"):
        yield Case(
            f"a RECORD in {encoding}", _with(true.encode(encoding)), "a damaged RECORD: it is not UTF-8"
        )
    yield Case("a RECORD with a byte order mark", _with(b"\xef\xbb\xbf" + true.encode()), "not in RECORD")
    yield Case("a RECORD of noise", _with(bytes(range(256))), "a damaged RECORD")
    yield Case("a RECORD of zeros", _with(bytes(64)), "RECORD")


def unlisted_members() -> Iterator[Case]:
    for name in ("evil.py", "demo/evil.so", "demo.pth", "demo-1.0.data/scripts/evil", "sitecustomize.py"):
        parts = members()
        parts.insert(0, Part(name, b"evil()\n"))
        yield Case(f"{name} is not listed", archive(parts), f"{name} is not in RECORD")
    for name in ("RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json"):
        parts = members([Part(f"{DIST_INFO}/{name}/x", b"x")], record=record_of(members()[:-1]))
        yield Case(f"a file below {name}", archive(parts), "is not in RECORD")


RECORDS = (lines_that_lie, damaged_records, unlisted_members)
