"""Property values as a comment may show them: secrets hidden, unknowns named, long ones shortened."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .reading import State, shallow

SECRET = "(secret)"  # noqa: S105 (what stands in a secret's place)
UNKNOWN = "(known after the update)"
LONGEST = 160

# sdk/go/common/resource/sig and resource/plugin/rpc.go in pulumi/pulumi.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a protocol's constant)
_OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_ASSET_SIGNATURES = {
    "c44067f5952c0a294b673a41bacd8c17": "file",
    "0def7320c3a5731c473e5ecbe6d01bc7": "archive",
}
_UNKNOWNS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
# What the engine puts in a secret's place.
_MASK = "[secret]"
# What carries a credential by its name is hidden, too, also where a program did not say that it is secret.
_TELLING = re.compile(
    r"(pass(word|wd|phrase)|secret(_?(string|key|value|access_?key|binary))?|private_?key(_?pem)?"
    r"|api_?key(_?value)?|token(_?value)?|connection_?string)s?\d*$",
    re.IGNORECASE,
)
# Names of secrets, and not the secrets themselves.
_HARMLESS = re.compile(r"(continuation|next|page|idempotency|client)_?token$", re.IGNORECASE)


class Hidden:
    """The one value that stands for whatever is secret: two secrets are never told apart."""

    def __repr__(self) -> str:
        return SECRET


class Unknown:
    """The one value that stands for what only the update will tell."""

    def __repr__(self) -> str:
        return UNKNOWN


HIDDEN, NOT_KNOWN = Hidden(), Unknown()


def told(state: State | None, *, outputs: bool = False) -> dict[str, Any]:
    """A state's inputs or outputs as they may be told."""
    if state is None:
        return {}
    properties = state.outputs if outputs else state.inputs
    return {
        name: HIDDEN if name in state.secrets else presentable(value, name)
        for name, value in properties.items()
        if name != "__defaults"
    }


def presentable(value: Any, name: str = "") -> Any:
    """A JSON value with secrets, unknowns and files replaced by what may be told of them.

    Args:
        value: as a preview has it.
        name: the property's, or the entry's in a mapping; of what is named as a credential nothing is told.
    """
    if isinstance(value, Mapping):
        return _mapping(value, name)
    if isinstance(value, list):
        return [presentable(each, name) for each in value]
    if isinstance(value, str):
        if value in _UNKNOWNS:
            return NOT_KNOWN
        if _MASK in value or _SECRET_SIGNATURE in value or (value and is_telling(name)):
            return HIDDEN
        said = _said(value)
        return said if has_secret(said) else value
    return value


def is_telling(name: str) -> bool:
    """Whether something of this name is a credential: `DB_PASSWORD`, `masterPassword`, `apiKey`."""
    return bool(_TELLING.search(name)) and not _HARMLESS.search(name)


def has_secret(value: Any) -> bool:
    """Whether anything in it, as `presentable` gives it or as a preview has it, is secret."""
    if isinstance(value, Mapping):
        signed = value.get(_SIGNATURE) == _SECRET_SIGNATURE or _is_secret_output(value)
        return signed or any(has_secret(each) for each in value.values())
    if isinstance(value, list):
        return any(has_secret(each) for each in value)
    return value is HIDDEN or (isinstance(value, str) and _MASK in value)


def structured(value: Any) -> Any:
    """A text that is a JSON object or list, as what it says; anything else as it is.

    Policies are such texts: what differs in one is a statement, not a text of a thousand characters.
    """
    return _said(value) if isinstance(value, str) and value[:1] in {"{", "["} else value


def shown(value: Any, longest: int = LONGEST) -> str:
    """A presentable value as one text of at most `longest` characters, and a note where it is longer."""
    if value is HIDDEN or value is NOT_KNOWN:
        return repr(value)
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return shortened(text, longest)


def shortened(text: str, longest: int = LONGEST) -> str:
    """A text's beginning and end where it is too long, and how long it is."""
    if len(text) <= longest:
        return text
    head = longest * 2 // 3
    return f"{text[:head]}…{text[head - longest :]} ({len(text):,} characters)"


def _said(text: str) -> Any:
    """What a text that is JSON says, presentable; any other text as it is."""
    if text[:1] not in {"{", "[", '"'}:
        return text
    try:
        return presentable(shallow(json.loads(text)))
    except (ValueError, RecursionError):
        return text


def _mapping(value: Mapping[str, Any], name: str) -> Any:
    signature = value.get(_SIGNATURE)
    if signature == _SECRET_SIGNATURE:
        return HIDDEN
    if signature == _OUTPUT_SIGNATURE:
        return _output(value, name)
    if isinstance(signature, str) and signature in _ASSET_SIGNATURES:
        return _asset(value, _ASSET_SIGNATURES[signature])
    # Such as a container's variables: `{"name": "DB_PASSWORD", "value": "..."}`.
    entry = value.get("name")
    telling = isinstance(entry, str) and is_telling(entry)
    return {
        key: HIDDEN if telling and key == "value" else presentable(each, key)
        for key, each in value.items()
        if key != "__defaults"
    }


def _output(value: Mapping[str, Any], name: str) -> Any:
    if _is_secret_output(value):
        return HIDDEN
    return presentable(value["value"], name) if "value" in value else NOT_KNOWN


def _is_secret_output(value: Mapping[str, Any]) -> bool:
    return value.get(_SIGNATURE) == _OUTPUT_SIGNATURE and value.get("secret") is True


def _asset(value: Mapping[str, Any], kind: str) -> str:
    """A file by its content alone: where it lay on the building machine says nothing."""
    digest = value.get("hash")
    return f"{kind} {digest[:12]}" if isinstance(digest, str) and digest else kind
