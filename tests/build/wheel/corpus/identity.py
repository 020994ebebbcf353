"""Wheels that are not agreed about what they are, and `.data` that is nobody's."""

from __future__ import annotations

from collections.abc import Iterator

from ..archives import DIST_INFO, METADATA, WHEEL, Part, archive, changed, members, record_of
from .case import Case

ONE = "must have one dist-info folder of"


def file_names() -> Iterator[Case]:
    raw = archive(members())
    for name in (
        "other-1.0",
        "demo-2.0",
        "demo-1.0.1",
        "demo-1.0+local",
        "demo-1!1.0",
        "dem0-1.0",
        "demo_-1.0",
    ):
        yield Case(f"called {name}", raw, f"{ONE}|not a wheel's file name", f"{name}-py3-none-any.whl")
    for name in (
        "demo.whl",
        "demo-1.0.whl",
        "demo-1.0-py3-any.whl",
        "demo-1.0-x-py3-none-any.whl",
        "demo",
        "",
    ):
        yield Case(f"called {name!r}", raw, "is not a wheel's file name", name)
    for name in ("demo-one-py3-none-any.whl", "-1.0-py3-none-any.whl", "../demo-1.0-py3-none-any.whl"):
        yield Case(f"called {name!r}", raw, "is not a wheel's file name", name)
    for name in (
        "demo\n-1.0-py3-none-any.whl",
        "demo-1.0-py3-none-any\x1b.whl\n",
        "de\u2028mo-1.0-py3-none-any.whl",
    ):
        yield Case(f"called {name!r}", raw, "is not a wheel's file name", name)


def dist_infos() -> Iterator[Case]:
    for folder in ("other-1.0.dist-info", "demo-2.0.dist-info", "demo.dist-info", "demo-1.0.dist-info.x"):
        yield Case(f"dist-info is {folder}", archive(members(folder=folder)), ONE)
    for folder in ("demo-1.0.egg-info", "Demo-1.0.DIST-INFO", "sub/demo-1.0.dist-info", "-1.0.dist-info"):
        yield Case(f"dist-info is {folder}", archive(members(folder=folder)), ONE)
    for second in ("six-1.0.dist-info/METADATA", "Demo-1.0.dist-info/METADATA", "demo-1.dist-info/RECORD"):
        yield Case(f"also {second}", archive(members([Part(second, b"x")])), f"{ONE} demo 1.0; it has .*, ")
    for second in (".dist-info/x", "x.dist-info", "demo-1.0.0.dist-info/WHEEL"):
        yield Case(f"also {second}", archive(members([Part(second, b"x")])), f"{ONE} demo 1.0; it has .*, ")
    hollow = Part("x.dist-info/", mode=0o40755)
    yield Case("also a hollow one", archive([hollow, *members()]), r"x\.dist-info is an empty folder")
    many = [Part(f"demo{number}-1.0.dist-info/METADATA", b"x") for number in range(50)]
    yield Case("51 dist-infos", archive(members(many)), f"{ONE} demo 1.0; it has .*…;")
    yield Case("no dist-info", archive([Part("demo.py", b"x")]), f"{ONE} demo 1.0; it has none")
    yield Case("nothing at all", archive([]), f"{ONE} demo 1.0; it has none")


def _replaced(name: str, content: bytes) -> bytes:
    parts = changed(members(), f"{DIST_INFO}/{name}", content=content)[:-1]
    return archive([*parts, Part(f"{DIST_INFO}/RECORD", record_of(parts))])


def metadata() -> Iterator[Case]:
    says = "says in its METADATA that it is"
    for what, old, new in (
        ("another name", b"Name: demo", b"Name: other"),
        ("no name", b"Name: demo\n", b""),
        ("an empty name", b"Name: demo", b"Name:"),
        ("two names", b"Name: demo", b"Name: demo\nName: other"),
        ("the name twice", b"Name: demo", b"Name: demo\nName: demo"),
        ("a name that goes on", b"Name: demo", b"Name: demo\n  other"),
        ("another version", b"Version: 1.0\n", b"Version: 2.0\n"),
        ("no version", b"\nVersion: 1.0\n", b"\n"),
        ("two versions", b"\nVersion: 1.0", b"\nVersion: 1.0\nVersion: 2.0"),
        ("a version that is none", b"\nVersion: 1.0", b"\nVersion: latest"),
        ("a local version", b"\nVersion: 1.0", b"\nVersion: 1.0+local"),
        ("a body only", b"Metadata-Version", b"\nMetadata-Version"),
        ("a name with a space behind it", b"Name: demo", b"Name: demo "),
        ("a version that is no number", b"\nVersion: 1.0", b"\nVersion: 1." + b"9" * 5000),
        ("noise", METADATA, bytes(range(32, 127))),
        ("nothing", METADATA, b""),
    ):
        yield Case(f"METADATA with {what}", _replaced("METADATA", METADATA.replace(old, new)), says)
    yield Case(
        "METADATA that is not UTF-8", _replaced("METADATA", METADATA + b"\xff"), "METADATA: it is not UTF-8"
    )
    for name in ("METADATA", "WHEEL"):
        parts = [part for part in members() if part.name != f"{DIST_INFO}/{name}"]
        yield Case(f"no {name}", archive(parts), f"has no {DIST_INFO}/{name}; it is not a complete wheel")


def requirements() -> Iterator[Case]:
    for what in ("???", "beta >= not a version", "beta==1." + "9" * 5000, "b; " + "(" * 2000):
        raw = _replaced("METADATA", METADATA + f"Requires-Dist: {what}\n".encode())
        yield Case(f"it requires {what[:30]}", raw, r"requires .* in its METADATA, which cannot be read")
    for what in (">=" + "9" * 5000, ",".join(["!=2.0"] * 100_000)):
        raw = _replaced("METADATA", METADATA + f"Requires-Python: {what}\n".encode())
        yield Case(f"it requires Python {what[:30]}", raw, "has a Requires-Python of more than 4096 letters")


def entry_points() -> Iterator[Case]:
    path = f"{DIST_INFO}/entry_points.txt"
    for line in (
        "../../x=demo:main",
        "..=demo:main",
        "x=demo",
        "x=demo:main; import os",
        "x=%(y)s",
        "=demo:main",
    ):
        raw = archive(members([Part(path, f"[console_scripts]\n{line}\n".encode())]))
        yield Case(f"the script {line}", raw, r"entry_points\.txt has the script .*, which cannot be made")
    raw = archive(members([Part(path, b"[demo.plugins]\nx\n")]))
    yield Case("an entry of nothing", raw, r"entry_points\.txt has x, which is no entry")
    raw = archive(members([Part(path, b"[console_scripts]\nx=\xff\n")]))
    yield Case("entry points that are not UTF-8", raw, r"entry_points\.txt: it is not UTF-8")


def wheel_formats() -> Iterator[Case]:
    for version in (
        "2.0",
        "0.1",
        "10.0",
        "1.x",
        "1.",
        "x",
        "",
        "1.0 and more",
        "\x1b[2K1.0",
        "-1.0",
        "1." + "9" * 5000,
        "\uff11.0",
    ):
        new = WHEEL.replace(b"Version: 1.0", f"Version: {version}".encode())
        yield Case(f"wheel format {version!r}", _replaced("WHEEL", new), "has wheel format .*; 1.x is known")
    new = WHEEL.replace(b"Wheel-Version: 1.0\n", b"")
    yield Case("no wheel format", _replaced("WHEEL", new), "has wheel format of no version")
    yield Case("two wheel formats", _replaced("WHEEL", b"Wheel-Version: 2.0\n" + WHEEL), "format 2.0 and 1.0")
    yield Case("WHEEL that is not UTF-8", _replaced("WHEEL", WHEEL + b"\xff"), "WHEEL: it is not UTF-8")
    yield Case("an empty WHEEL", _replaced("WHEEL", b""), "has wheel format of no version")


def data() -> Iterator[Case]:
    for path in (
        "x.py",
        "lib/x.py",
        "Purelib/x.py",
        "stdlib/x.py",
        "include/x.h",
        "scripts",
        "../x",
    ):
        parts = members([Part(f"demo-1.0.data/{path}", b"x")])
        yield Case(f".data/{path}", archive(parts), "data of an unknown kind|leads elsewhere")
    for folder in ("other-1.0.data", "demo-2.0.data", "demo.data", ".data", "six.data"):
        for path in ("purelib/x.py", "scripts/x", "x"):
            parts = members([Part(f"{folder}/{path}", b"x")])
            yield Case(f"{folder}/{path}", archive(parts), "is data of another package")
    for path in (
        "purelib/../../x.py",
        "scripts/../purelib/x.py",
        "data//etc/passwd",
        "headers/./x.h",
        "data/..",
    ):
        parts = members([Part(f"demo-1.0.data/{path}", b"x")])
        yield Case(f".data/{path}", archive(parts), "leads elsewhere")
    yield Case("a file .data", archive(members([Part("model.data", b"x")])), "is data of another package")


IDENTITY = (file_names, dist_infos, metadata, requirements, entry_points, wheel_formats, data)
