"""`entry_points.txt`: held to what installers need of it, though no script of it goes into a layer."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint

from .names import shown

# Installers write a file for each entry of these ("Entry points specification", "Use for scripts").
_SCRIPTS = {"console_scripts", "gui_scripts"}


def script_faults(text: str) -> Iterator[str]:
    """What pip refuses in the file: lines that are no entries, scripts that call nothing or lie elsewhere.

    Args:
        text: of the file.

    Yields:
        A sentence each.
    """
    group = ""
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1]
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if group and not equals:
            yield f"entry_points.txt has {shown(line)}, which is no entry"
        elif group in _SCRIPTS and not _is_script(name, value):
            yield f"entry_points.txt has the script {shown(line)}, which cannot be made"


def _is_script(name: str, value: str) -> bool:
    if "/" in name or "\\" in name or name in {"", ".", ".."}:
        return False
    try:
        return bool(EntryPoint(name, value, "").attr)
    except AttributeError:
        # The value has not the form of a reference.
        return False
