"""The text of a lock: its logical lines with their places, of the file itself and of all that it includes.

The format is pip's (pip documentation, "Requirements File Format"). Nothing here needs a library, because an
unchanged lock is recognised by these lines before any library is loaded.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError, all_faults
from ..evidence import saw_file, saw_variable

# Patterns stay texts: compiling them costs a warm build more than reading the lock, and few lines need them.
_COMMENT = r"(^|\s+)#.*$"
_VARIABLE = r"\$\{([A-Z0-9_]+)\}"


# Other tools' files, and the command with which each tool makes a requirements file (their documentation).
_FOREIGN = {
    "uv.lock": "uv export --no-emit-project --output-file requirements.txt",
    "poetry.lock": "poetry export --output requirements.txt",
    "Pipfile": "pipenv requirements --hash > requirements.txt",
    "Pipfile.lock": "pipenv requirements --hash > requirements.txt",
    "pdm.lock": "pdm export --output requirements.txt",
    "pyproject.toml": "uv pip compile --generate-hashes pyproject.toml --output-file requirements.txt",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: continuations joined, comments and outer spaces gone, variables filled in.

    Attributes:
        file: the file it stands in.
        number: of its first physical line, from 1.
        text: never empty.
        constraint: it stands in a file included by `-c`, so that it limits but does not ask for a package.
    """

    file: Path
    number: int
    text: str
    constraint: bool = False

    @property
    def where(self) -> str:
        """`file:number`, as errors name it."""
        return f"{self.file}:{self.number}"


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
    if lock.name in _FOREIGN:
        raise UserError(f"{lock} is no requirements file; make one of it: {_FOREIGN[lock.name]}")
    faults: list[str] = []
    lines = tuple(_read(lock, environ, constraint=False, asked="", stack=(), faults=faults))
    if faults:
        raise UserError(all_faults(faults))
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
    asked: str,
    stack: tuple[Path, ...],
    faults: list[str],
) -> Iterator[Line]:
    place = f"{asked}: " if asked else ""
    if file.resolve() in stack:
        faults.append(f"{place}{file} includes itself")
        return
    try:
        content = file.read_bytes()
        saw_file(file, content)
        text = content.decode("utf-8-sig")
    except OSError as error:
        faults.append(f"{place}cannot read the lock {file}: {error.strerror or error}")
        return
    except UnicodeDecodeError as error:
        faults.append(f"{place}{file} is not UTF-8 text (byte {error.start})")
        return
    for number, raw in logical_lines(text):
        line = Line(file, number, raw, constraint)
        variables = re.findall(_VARIABLE, raw) if "${" in raw else []
        for name in variables:
            saw_variable(name)
        missing = [name for name in variables if not environ.get(name)]
        if missing:
            faults.append(f"{line.where}: the environment variable {', '.join(missing)} is not set")
            continue
        if variables:
            filled = re.sub(_VARIABLE, lambda found: environ[found[1]], raw)
            line = Line(file, number, filled, constraint)
        include = _include(line.text)
        if include is None:
            yield line
            continue
        limits, path = include
        if "://" in path:
            faults.append(f"{line.where}: a lock on the network cannot be included; save it beside this file")
            continue
        yield from _read(
            file.parent / path.removeprefix("file:"),
            environ,
            constraint=constraint or limits,
            asked=line.where,
            stack=(*stack, file.resolve()),
            faults=faults,
        )


def _include(text: str) -> tuple[bool, str] | None:
    """The path that a line includes, and whether as a constraint; None for any other line."""
    if not text.startswith("-"):
        return None
    for option in ("--requirement", "--constraint", "-r", "-c"):
        rest = text.removeprefix(option)
        if rest != text and (rest[:1] in {" ", "\t", "="} or not option.startswith("--")):
            return "c" in option[:3], rest.strip().removeprefix("=").strip().strip("'\"")
    return None
