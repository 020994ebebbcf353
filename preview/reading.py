"""Reads what `pulumi preview --json` printed into plain facts, however much of it is missing or odd."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Any

from .credentials import MASK
from .errors import MistakeError
from .facts import Preview, State, Step
from .urns import Urn

# Deeper than any provider's properties go; what lies deeper is shown as such.
DEEPEST = 32
TOO_DEEP = "(nested deeper than is shown)"
_ASKED = "give what `pulumi preview --json --stack NAME` printed, as a file or on standard input"
# Lines of other text that can look like a beginning.
_MOST_BEGINNINGS = 200
_START = re.compile(r"^\s*\{", re.MULTILINE)
_ERROR = re.compile(r"^\s*error: ?(.*)$", re.MULTILINE)


def read_preview(text: str) -> Preview:
    """Reads a preview.

    Args:
        text: what was printed: one JSON object, lines of other text before or behind it allowed. Where there
            is none but an `error:` line as Pulumi prints it, the preview failed before it had begun.

    Raises:
        MistakeError: it is something else; the message says what to give.
    """
    if not text.strip():
        raise MistakeError(f"the preview is empty: {_ASKED}")
    found, rest = _object_in(text)
    told = tuple(match[1].strip() or "error" for match in _ERROR.finditer(rest))
    if found is None:
        if not told:
            raise MistakeError(f"this is no JSON, and no error of Pulumi's: {_ASKED}")
        return Preview(errors=told)
    if "sequence" in found and "timestamp" in found:
        raise MistakeError("these are events and no preview: unset PULUMI_ENABLE_STREAMING_JSON_PREVIEW")
    if not _is_preview(found):
        raise MistakeError(f"this JSON is not a preview (there are no steps in it): {_ASKED}")
    diagnostics = [each for each in _list(found.get("diagnostics")) if isinstance(each, Mapping)]
    errors = (*_reported(found.get("error")), *_messages(diagnostics, "error"))
    counted = found.get("changeSummary")
    unchanged = counted.get("same") if isinstance(counted, Mapping) else 0
    return Preview(
        steps=tuple(_steps(found.get("steps"))),
        config={str(name): _text(value) for name, value in _mapping(found.get("config")).items()},
        # What stands behind the JSON repeats what is in it, if there is anything in it.
        errors=errors or told,
        warnings=tuple(
            (_text(each.get("urn")), message)
            for each in diagnostics
            if each.get("severity") == "warning" and (message := _text(each.get("message")).strip())
        ),
        unchanged=unchanged if isinstance(unchanged, int) and unchanged > 0 else 0,
    )


def _object_in(text: str) -> tuple[Mapping[str, Any] | None, str]:
    """The first JSON object that begins a line, and the text around it."""
    if text.lstrip()[:1] == "[":
        raise MistakeError(f"this is a list, and no preview: {_ASKED}")
    decoder = json.JSONDecoder()
    for match in islice(_START.finditer(text), _MOST_BEGINNINGS):
        try:
            found, end = decoder.raw_decode(text, match.end() - 1)
        except RecursionError:
            raise MistakeError("this JSON is nested too deeply to be a preview") from None
        except ValueError:
            continue
        return found, f"{text[: match.start()]}\n{text[end:]}"
    return None, text


def _is_preview(found: Mapping[str, Any]) -> bool:
    # Whatever has nothing to tell is left out of the JSON, so that `{}` is a preview of nothing.
    known = {"steps", "changeSummary", "diagnostics", "config", "duration", "error", "maybeCorrupt"}
    return not found or (not known.isdisjoint(found) and isinstance(found.get("steps"), list | None))


def _steps(found: object) -> Iterator[Step]:
    listed = [
        each
        for each in _list(found)
        if isinstance(each, Mapping) and all(isinstance(each.get(key), str) for key in ("op", "urn"))
    ]
    lost = len(_list(found)) - len(listed)
    if lost:
        # What is not understood must not pass for what does not happen.
        raise MistakeError(
            f"this is a damaged preview: {lost} of its steps have no `op` or no `urn`; {_ASKED}"
        )
    # What one state of a resource calls secret is so in its others, whose value may be the same.
    secrets: dict[str, set[str]] = {}
    for each in listed:
        for side in ("oldState", "newState"):
            named = _texts(_mapping(each.get(side)).get("additionalSecretOutputs"))
            secrets.setdefault(each["urn"], set()).update(named)
    for each in listed:
        yield _step(each, secrets[each["urn"]])


def _step(found: Mapping[str, Any], secrets: AbstractSet[str]) -> Step:
    urn = Urn.parsed(found["urn"])
    detailed = _mapping(found.get("detailedDiff"))
    return Step(
        op=found["op"],
        urn=urn,
        old=_state(found.get("oldState"), urn, secrets),
        new=_state(found.get("newState"), urn, secrets),
        differing=_texts(found.get("diffReasons")),
        replacing=_texts(found.get("replaceReasons")),
        detailed={str(path): _text(_mapping(each).get("kind")) for path, each in detailed.items()},
    )


def _state(found: object, urn: Urn, secrets: AbstractSet[str]) -> State | None:
    if not isinstance(found, Mapping):
        return None
    return State(
        type=_text(found.get("type")) or urn.type,
        inputs=_properties(found.get("inputs"), secrets),
        outputs=_properties(found.get("outputs"), secrets),
        id=_text(found.get("id")),
        parent=_text(found.get("parent")),
        custom=found.get("custom") is not False,
        protect=found.get("protect") is True,
        pending=found.get("delete") is True,
        retain=found.get("retainOnDelete") is True,
        made_of={
            str(name): _texts(urns) for name, urns in _mapping(found.get("propertyDependencies")).items()
        },
    )


def _properties(found: object, secrets: AbstractSet[str]) -> Mapping[str, Any]:
    return {
        name: MASK if name in secrets and value is not None else value
        for name, value in _mapping(shallow(found)).items()
    }


def shallow(value: Any, depth: int = 0) -> Any:
    """A JSON value, without what is nested deeper than anybody reads."""
    if depth > DEEPEST and isinstance(value, dict | list):
        return TOO_DEEP
    if isinstance(value, dict):
        return {key: shallow(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [shallow(each, depth + 1) for each in value]
    return value


def _messages(diagnostics: Sequence[Mapping[str, Any]], severity: str) -> list[str]:
    """The messages of one severity, each once: the engine repeats what a program's end repeats."""
    found = [_text(each.get("message")) for each in diagnostics if each.get("severity") == severity]
    return list(dict.fromkeys(message.strip() for message in found if message.strip()))


def _reported(error: object) -> list[str]:
    """What stands instead of a preview where the command itself failed."""
    if not error:
        return []
    return [_text(_mapping(error).get("message")) or _text(error) or json.dumps(shallow(error))]


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for each in _list(value) if isinstance(each, str))
