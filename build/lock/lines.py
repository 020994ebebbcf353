"""The text of a lock: its logical lines with their places, of the file itself and of all that it includes.

The format is pip's (pip documentation, "Requirements File Format"). Nothing here needs a library, because an
unchanged lock is recognised by these lines before any library is loaded.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ..errors import UserError
from ..evidence import saw_file, saw_variable
from ..index.folders import local_path
from ..redaction import redacted
from .foreign import foreign, kind_by_content

# Patterns stay texts: compiling them costs a warm build more than reading the lock, and few lines need them.
_COMMENT = r"(^|\s+)#.*$"
# The longer marks first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\xef\xbb\xbf", "utf-8"),
)
_CODING = rb"^[ \t]*#.*coding[:=][ \t]*([-\w.]+)"
_VARIABLE = r"\$\{([A-Z0-9_]+)\}"


class Line(NamedTuple):
    """One logical line: continuations joined, comments and outer spaces gone, variables filled in.

    Attributes:
        file: the file it stands in.
        number: of its first physical line, from 1.
        text: never empty.
        constraint: it stands in a file included by `-c`, so that it limits but does not ask for a package.
        filled: the variables that were filled in, each with its value: never shown.
    """

    file: Path
    number: int
    text: str
    constraint: bool = False
    filled: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"Line({self.fault(self.text)!r})"

    @property
    def where(self) -> str:
        """`file:number`, as errors name it."""
        return f"{self.file}:{self.number}"

    def fault(self, message: object) -> str:
        """A sentence about this line: with its place, and without what its variables or URLs keep secret."""
        told = str(message)
        for name, value in sorted(self.filled, key=lambda pair: -len(pair[1])):
            told = told.replace(value, f"${{{name}}}")
        return f"{self.where}: {redacted(told)}"


def read_lines(lock: Path, environ: Mapping[str, str] = os.environ) -> tuple[Line, ...]:
    """Reads a lock and everything that it includes by `-r` and `-c`, in the order of reading.

    Args:
        lock: the file to begin with; paths in it are relative to the file that they stand in.
        environ: where `${NAME}` is looked up.

    Returns:
        Every line that is not an include.

    Raises:
        UserError: a file is missing or not text, includes itself, or names a variable that is not set; all
            faults together.
    """
    faults: list[str] = []
    lines = tuple(_read(lock, environ, constraint=False, asked=None, stack=(), faults=faults))
    if faults:
        raise UserError(*faults)
    return lines


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Joins continued lines and drops comments and empty lines, exactly as pip's preprocessing does.

    A comment ends a continuation; a joined line has the number of its first physical line.
    """
    for number, line in _joined(text):
        bare = (re.sub(_COMMENT, "", line) if "#" in line else line).strip()
        if bare:
            yield number, bare


def _joined(text: str) -> Iterator[tuple[int, str]]:
    first = 0
    parts: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        comment = line.lstrip().startswith("#")
        if not parts:
            first = number
        if line.endswith("\\") and not comment:
            parts.append(line.strip("\\"))
            continue
        # The space keeps a comment line apart from what it is joined to.
        yield first, "".join([*parts, f" {line}" if comment else line])
        parts = []
    if parts:
        yield first, "".join(parts)


def _read(
    file: Path,
    environ: Mapping[str, str],
    *,
    constraint: bool,
    asked: Line | None,
    stack: tuple[Path, ...],
    faults: list[str],
) -> Iterator[Line]:
    if file.resolve() in stack:
        faults.append(_told(asked, f"{file} includes itself"))
        return
    text = _text(file, asked, faults)
    for number, raw in logical_lines(text):
        line = _filled(Line(file, number, raw, constraint), environ, faults)
        if line is None:
            continue
        include = _include(line.text)
        if include is None:
            yield line
            continue
        limits, path = include
        included = _included(path, file.parent)
        if included is None:
            faults.append(f"{line.where}: a lock on the network cannot be included; save it beside this file")
            continue
        yield from _read(
            included,
            environ,
            constraint=constraint or limits,
            asked=line,
            stack=(*stack, file.resolve()),
            faults=faults,
        )


def _told(asked: Line | None, message: str) -> str:
    return message if asked is None else asked.fault(message)


def _text(file: Path, asked: Line | None, faults: list[str]) -> str:
    """The text of a file; empty where a fault tells why there is none."""
    try:
        if file.is_fifo() or file.is_char_device():
            # Such as /dev/zero, which has no end.
            faults.append(_told(asked, f"the lock {file} is no file; write it into one first"))
            return ""
        content = file.read_bytes()
        saw_file(file, content)
        reason = _not_included(file, content) if asked else None
        if reason is None:
            return decoded(content)
        faults.append(_told(asked, f"{file} {reason}"))
    except OSError as error:
        faults.append(_told(asked, f"cannot read the lock {file}: {error.strerror or error}"))
    except UnicodeDecodeError as error:
        encoding = error.encoding.upper()
        faults.append(_told(asked, f"{file} is not {encoding} text (byte {error.start})"))
    except LookupError as error:
        faults.append(_told(asked, f"{file}: {error}"))
    return ""


def _filled(line: Line, environ: Mapping[str, str], faults: list[str]) -> Line | None:
    """The line with its variables filled in; None where one is not set."""
    if "\0" in line.text:
        faults.append(f"{line.where}: there is a NUL character in it; is this a text file?")
        return None
    names = re.findall(_VARIABLE, line.text) if "${" in line.text else []
    for name in names:
        saw_variable(name)
    missing = [name for name in names if not environ.get(name)]
    if missing:
        faults.append(f"{line.where}: the environment variable {', '.join(missing)} is not set")
        return None
    if not names:
        return line
    text = re.sub(_VARIABLE, lambda found: environ[found[1]], line.text)
    pairs = tuple((name, environ[name]) for name in names)
    return Line(line.file, line.number, text, line.constraint, pairs)


def _included(path: str, folder: Path) -> Path | None:
    """Where an included file lies: relative to the one that includes it; None for one on the network."""
    named = local_path(path)
    return None if named is None else folder / named


def _not_included(file: Path, content: bytes) -> str | None:
    kind = kind_by_content(content)
    if kind != "requirements":
        return f"is a {kind} lock, which cannot be included; build from it alone"
    return foreign(file.name, content)


def decoded(content: bytes) -> str:
    """The text of a requirements file: pip's rules for encodings.

    A byte order mark tells it, or the first two lines declare it (PEP 263); else it is UTF-8.

    Raises:
        UnicodeDecodeError: it is no such text.
        LookupError: it declares an encoding that Python does not know.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding)
    head = b"\n".join(content.split(b"\n", 2)[:2])
    declared = re.search(_CODING, head, re.MULTILINE) if b"coding" in head else None
    return content.decode(declared[1].decode("ascii") if declared else "utf-8")


def _include(text: str) -> tuple[bool, str] | None:
    """The path that a line includes, and whether as a constraint; None for any other line."""
    if not text.startswith("-"):
        return None
    for option in ("--requirement", "--constraint", "-r", "-c"):
        rest = text.removeprefix(option)
        if rest != text and (rest[:1] in {" ", "\t", "="} or not option.startswith("--")):
            return "c" in option[:3], rest.strip().removeprefix("=").strip().strip("'\"").replace("\\ ", " ")
    return None
