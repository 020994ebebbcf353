"""Changes of a stack's settings file: some keys of its `config`, and not one other byte.

PyYAML's marks say where each key and value stands in the text, so comments, order, quotes and secrets stay as
they are. What comes out is read again and compared with what was meant before it takes the file's place.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

from .errors import ReleaseError, UserError

Changes = Mapping[str, str | None]
"""The new value of each key of `config`, with its namespace; None takes the key out."""


def edited(text: str, changes: Changes) -> str:
    """The text of a settings file after some changes.

    Args:
        text: as it is.
        changes: what shall be different.

    Raises:
        UserError: the file is no YAML, or not written as Pulumi writes it, so that a person must change it.
    """
    before = _config(text)
    wanted = {key: value for key, value in before.items() if key not in changes}
    wanted |= {key: value for key, value in changes.items() if value is not None}
    result = text
    # What cannot be changed in place stays as it is, which the comparison finds.
    for key, value in changes.items():
        result = _without(result, key) if value is None else _with(result, key, value)
    after = {key: str(value) if key in changes else value for key, value in _config(result).items()}
    if after != wanted:
        raise UserError(f"its `config` is not written as Pulumi does; change it by hand: {_by_hand(changes)}")
    return result


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """The changed file, written beside the one that it will replace.

    Attributes:
        path: the settings file.
        temporary: the new one; None where nothing changes.
    """

    path: Path
    temporary: Path | None

    def put(self) -> bool:
        """Puts it in its place, at once and whole; gives whether anything changed.

        Raises:
            ReleaseError: the disk refuses; both files are still there.
        """
        if self.temporary is None:
            return False
        try:
            self.temporary.replace(self.path)
        except OSError as error:
            raise ReleaseError(
                f"{self.path.name} cannot be replaced ({error.strerror}); its new content is in "
                f"{self.temporary.name}"
            ) from error
        return True

    def drop(self) -> None:
        """Takes it away unused."""
        if self.temporary is not None:
            self.temporary.unlink(missing_ok=True)


def prepare(path: Path, changes: Changes) -> PreparedFile:
    """Writes the changed file beside the old one, so that what can fail has failed before anything is done.

    Args:
        path: the settings file.
        changes: what shall be different.

    Raises:
        UserError: as `edited`.
        ReleaseError: the disk refuses.
    """
    # What a link points to is replaced, not the link.
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        old = path.read_bytes().decode("utf-8")
        try:
            new = edited(old, changes)
        except UserError as error:
            raise UserError(f"{path.name}: {error}") from error
        if new == old:
            return PreparedFile(path, None)
        _write(temporary, new)
        shutil.copymode(path, temporary)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise ReleaseError(f"{path.name} cannot be changed: {error.strerror}") from error
    return PreparedFile(path, temporary)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _config(text: str) -> dict[str, object]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UserError(f"it cannot be read: {' '.join(str(error).split())}") from error
    config = (content or {}).get("config") if isinstance(content or {}, dict) else None
    return dict(config) if isinstance(config, dict) else {}


def _with(text: str, key: str, value: str) -> str:
    entry = _entry(text, key)
    if entry is None:
        return _added(text, f'{key}: "{value}"')
    if not _on_one_line(entry):
        return text
    start, end = entry[1].start_mark.index, entry[1].end_mark.index
    gap = " " if text[start - 1] == ":" else ""
    return f'{text[:start]}{gap}"{value}"{text[end:]}'


def _added(text: str, setting: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    root = _root(text)
    found = _pair(root, "config")
    flow = isinstance(root, MappingNode) and root.flow_style
    if flow or (found and isinstance(found[1], MappingNode) and found[1].flow_style):
        return text
    if found is None:
        return f"{_ended(text, newline)}config:{newline}  {setting}{newline}"
    head, config = found
    if not isinstance(config, MappingNode):
        return _inserted(text, head, f"  {setting}", newline)
    # After the last setting of one line: whatever stands between settings stays with its own.
    lines = [pair for pair in config.value if _on_one_line(pair)]
    indent = " " * config.value[0][0].start_mark.column
    return _inserted(text, lines[-1][1] if lines else head, indent + setting, newline)


def _without(text: str, key: str) -> str:
    entry = _entry(text, key)
    if entry is None or not _on_one_line(entry):
        return text
    lines = text.splitlines(keepends=True)
    del lines[entry[0].start_mark.line]
    return "".join(lines)


def _on_one_line(entry: tuple[Node, Node]) -> bool:
    key, value = entry
    return isinstance(value, ScalarNode) and key.start_mark.line == value.end_mark.line


def _inserted(text: str, after: Node, line: str, newline: str) -> str:
    lines = _ended(text, newline).splitlines(keepends=True)
    lines.insert(after.end_mark.line + 1, line + newline)
    return "".join(lines)


def _ended(text: str, newline: str) -> str:
    return text if not text or text.endswith("\n") else text + newline


def _root(text: str) -> Node | None:
    node: Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    return node


def _entry(text: str, key: str) -> tuple[Node, Node] | None:
    found = _pair(_root(text), "config")
    return None if found is None else _pair(found[1], key)


def _pair(node: Node | None, key: str) -> tuple[Node, Node] | None:
    """The key and the value of a mapping's member."""
    if not isinstance(node, MappingNode):
        return None
    named = [pair for pair in node.value if isinstance(pair[0], ScalarNode) and pair[0].value == key]
    return named[0] if named else None


def _by_hand(changes: Changes) -> str:
    return "; ".join(
        f"take out {key}" if value is None else f'set {key} to "{value}"' for key, value in changes.items()
    )
