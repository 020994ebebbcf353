"""The file of a mapping: YAML that people read and edit between `python -m build adopt` and `pulumi up`."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from pathlib import Path
from typing import Any

import yaml

from ..errors import UserError
from ..output import replacing
from .adoption import nearest
from .mapping import Adopted, Mapping
from .program import ADOPTABLE, Place, place_of

FORMAT = "adopt/1"
_KEYS = ("lamina", "stack", "adopted", "left", "created", "doubts")
_ENTRY = ("resource", "from", "id", "name", "notes")
_HEAD = """\
# What becomes of a Terraform state: written by `python -m build adopt`, to be read and edited before
# `pulumi up` with lamina:adopt set to this file. It stays when that setting goes: called adopt.STACK.yaml (or
# set as lamina:names) it is where the names in AWS are kept. See docs/from-terraform.md.
"""
_ABOUT = {
    "doubts": "What could not be decided. Say it with --as, or move an entry to `adopted` by hand.",
    "adopted": "Imported as they are, under these ids, and then changed in place. `resource` is\n"
    "# COMPONENT/TYPE/NAME in the program, `name` the name in AWS that it keeps. Pulumi reads this alone.",
    "left": "Stay as they are, with Terraform; nothing of the program touches them.",
    "created": "The program makes these anew.",
}
_WIDE = 1 << 20


def write_mapping(mapping: Mapping, path: Path) -> None:
    """Writes a mapping into a file of its own.

    Raises:
        UserError: there is one of that name, which somebody may have edited.
        FailureError: it cannot be written.
    """
    if path.exists():
        raise UserError(
            f"{path} is there already, and may have been edited: delete it, or name another by --output"
        )
    with replacing(path) as stream:
        stream.write(as_yaml(mapping).encode())


def as_yaml(mapping: Mapping) -> str:
    """The file's text."""
    content = mapping.as_json()
    head = {"lamina": FORMAT} | ({"stack": mapping.stack} if mapping.stack else {})
    parts = [_HEAD + _dumped(head)]
    shown = ([] if not mapping.doubts else ["doubts"]) + ["adopted", "left", "created"]
    parts += [f"# {_ABOUT[name]}\n{_dumped({name: content[name]})}" for name in shown]
    return "\n".join(parts)


def read_mapping(path: Path) -> Mapping:
    """Reads what is to be adopted; what is left and created is for people alone.

    Raises:
        UserError: it cannot be read, or with every fault there is.
    """
    content = _loaded(path)
    faults = [f"{path}: {fault}" for fault in _faults(content)]
    if faults:
        raise UserError(*faults)
    return Mapping(tuple(map(_entry, content["adopted"])), stack=str(content.get("stack") or ""))


def _dumped(value: object) -> str:
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=_WIDE)
    return text


def _loaded(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}; `python -m build adopt` writes such a file"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict) or content.get("lamina") != FORMAT:
        raise UserError(f"{path} is no mapping: it does not say `lamina: {FORMAT}`")
    return content


def _faults(content: MappingOf[str, Any]) -> Iterator[str]:
    for key in content:
        if key not in _KEYS:
            yield f"{key} is no part of a mapping ({nearest(str(key), _KEYS)})"
    entries = content.get("adopted")
    if not isinstance(entries, list):
        yield "adopted is missing: it is a list of resources"
        return
    seen: dict[object, int] = {}
    for number, entry in enumerate(entries, 1):
        where = f"entry {number} of adopted"
        if not isinstance(entry, dict):
            yield f"{where} is no resource: write resource and id"
            continue
        wrong = list(_wrong(entry))
        yield from (f"{where} {fault}" for fault in wrong)
        if wrong:
            continue
        place = ADOPTABLE[entry["resource"]]
        for what in (place.path, (place.type, entry["id"])):
            if what in seen:
                shown = what if isinstance(what, str) else f"the {place.kind} {entry['id']}"
                yield f"{where} names {shown}, and so does entry {seen[what]}"
            seen.setdefault(what, number)


def _wrong(entry: MappingOf[str, Any]) -> Iterator[str]:
    for key in entry:
        if key not in _ENTRY:
            yield f"has {key}, which says nothing ({nearest(str(key), _ENTRY)})"
    for key in ("resource", "id"):
        if not isinstance(entry.get(key), str) or not entry[key]:
            yield f"has no {key} (a text)"
            return
    path = entry["resource"]
    if path not in ADOPTABLE:
        place = place_of(path)
        yield (
            f"names {path}, which cannot be adopted: it {place.new}"
            if place
            else f"names {path}, which is no resource of the program ({nearest(path, ADOPTABLE)})"
        )
    else:
        yield from _wrong_name(ADOPTABLE[path], entry["id"], entry.get("name"))


def _wrong_name(place: Place, identity: str, name: object) -> Iterator[str]:
    if not place.name:
        if name is not None:
            yield f"has a name, and {place.path} is given none"
    elif not isinstance(name, str) or not name:
        yield f"has no name: without, {place.path} would get another one, and be replaced"
    elif (own := place.named_by(identity)) and own != name:
        yield f"has the name {name}, and {identity} is called {own}: AWS cannot rename a {place.kind}"


def _entry(entry: MappingOf[str, Any]) -> Adopted:
    return Adopted(
        resource=entry["resource"],
        id=entry["id"],
        origin=str(entry.get("from") or ""),
        name=str(entry.get("name") or ""),
    )
