"""Property values as a comment may show them: secrets hidden, unknowns named, long ones shortened."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .credentials import MASK, SECRET, is_telling, without_userinfo
from .facts import State
from .reading import shallow

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
_UNKNOWN_TEXT = re.compile("|".join(sorted(_UNKNOWNS)))
# What a container or a gateway gets by its name, and may be told: where a secret lies, and a role.
_REFERENCE = frozenset({"name", "valueFrom"})
_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/[\w+=,.@/-]+")


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
    return {name: presentable(value, name) for name, value in properties.items() if name != "__defaults"}


def presentable(value: Any, name: str = "") -> Any:
    """A JSON value with secrets, unknowns and files replaced by what may be told of them.

    Args:
        value: as a preview has it.
        name: the property's, or the entry's in a mapping. Of what is named as a credential nothing is told,
            whoever forgot to mark it, but whether there is one.
    """
    if isinstance(value, Mapping):
        return _mapping(value, name)
    if isinstance(value, list):
        return [presentable(each, name) for each in value]
    if isinstance(value, str):
        if value in _UNKNOWNS:
            return NOT_KNOWN
        if MASK in value or _SECRET_SIGNATURE in value or _is_credential(value, name):
            return HIDDEN
        return _text(value)
    return HIDDEN if _is_credential(value, name) else value


def has_secret(value: Any) -> bool:
    """Whether anything in it, as `presentable` gives it or as a preview has it, is secret."""
    if isinstance(value, Mapping):
        signed = value.get(_SIGNATURE) == _SECRET_SIGNATURE or _is_secret_output(value)
        return signed or any(has_secret(each) for each in value.values())
    if isinstance(value, list):
        return any(has_secret(each) for each in value)
    return value is HIDDEN or (isinstance(value, str) and MASK in value)


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


def _is_credential(value: Any, name: str) -> bool:
    """Whether it is something under a credential's name; a switch, such as `password: false`, is none."""
    if value is None or isinstance(value, bool) or value in ("", [], {}) or not is_telling(name):
        return False
    if isinstance(value, str) and _ROLE.fullmatch(value):
        return False
    return not (isinstance(value, Mapping) and value.keys() == _REFERENCE)


def _text(value: str) -> Any:
    """A text without what it must not tell; as what it says where it is JSON that must not tell something."""
    said = _parsed(value)
    if said != value and (safe := presentable(said)) != said:
        return safe
    return _UNKNOWN_TEXT.sub(UNKNOWN, without_userinfo(value))


def _said(text: str) -> Any:
    """What a text that is JSON says, presentable; any other text as it is."""
    return presentable(_parsed(text))


def _parsed(text: str) -> Any:
    if text[:1] not in {"{", "[", '"'}:
        return text
    try:
        return shallow(json.loads(text))
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
    if _is_credential(value, name):
        return HIDDEN
    # Such as a container's variables: `{"name": "DB_PASSWORD", "value": "..."}`.
    entry = value.get("name", value.get("key"))
    called = entry if isinstance(entry, str) else ""
    return {
        key: presentable(each, called if key == "value" and is_telling(called) else key)
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
