"""Policy documents: inputs given as objects, equivalence, and what `aws.iam.getPolicyDocument` renders."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from .errors import ProviderError

DEFAULT_VERSION = "2012-10-17"


def go_json(value: Any, *, indent: int | None = None, sort: bool = False) -> str:
    r"""JSON text as Go's `encoding/json` writes it: no blanks, raw UTF-8, `<`, `>` and `&` as \u escapes."""
    separators = (",", ": ") if indent else (",", ":")
    text = json.dumps(value, ensure_ascii=False, indent=indent, sort_keys=sort, separators=separators)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def policy_text(value: Any) -> str:
    """The text that is sent for a policy input: text stays as it is, objects become JSON with sorted keys."""
    if value is None:
        return ""
    return value if isinstance(value, str) else go_json(value, sort=True)


def same_json(left: Any, right: Any) -> bool:
    """Whether two texts hold equivalent policy documents: order and lists of one do not matter."""
    try:
        return bool(_canonical(json.loads(left)) == _canonical(json.loads(right)))
    except (TypeError, ValueError):
        return bool(left == right)


def _canonical(value: Any) -> Any:
    """A form in which equivalent documents are equal: every value a sorted list, members in order."""
    items = value if isinstance(value, list) else [value]
    return tuple(sorted((_canonical_item(item) for item in items), key=repr))


def _canonical_item(item: Any) -> Any:
    if isinstance(item, Mapping):
        return tuple(sorted((name, _canonical(value)) for name, value in item.items()))
    return _canonical(item) if isinstance(item, list) else item


def render(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What `aws:iam/getPolicyDocument` answers: `json`, `minifiedJson`, `id` and the arguments' version.

    The rules are those of the Terraform data source `aws_iam_policy_document` (`iam/policy_model.go`):
    source documents first, own statements replace equal `Sid`s, then the overriding documents do.

    Raises:
        ProviderError: for a duplicate or malformed `Sid`, or a document that is no JSON.
    """
    own: dict[str, Any] = {
        "Version": arguments.get("version") or DEFAULT_VERSION,
        "Id": arguments.get("policyId"),
        "Statement": [_statement(each) for each in arguments.get("statements", [])],
    }
    _refuse_duplicates(own["Statement"], "statements")
    sources = [arguments["sourceJson"]] if arguments.get("sourceJson") else []
    sources += arguments.get("sourcePolicyDocuments", [])
    overrides = list(arguments.get("overridePolicyDocuments", []))
    overrides += [arguments["overrideJson"]] if arguments.get("overrideJson") else []
    base: dict[str, Any] = {"Version": None, "Id": None, "Statement": []}
    read = [_parsed(text) for text in sources]
    _refuse_duplicates([each for one in read for each in one["Statement"]], "source policy documents")
    for other in (*read, own, *(_parsed(text) for text in overrides)):
        base = _merged(base, other)
    shown = {name: value for name, value in base.items() if value}
    pretty = go_json(shown, indent=2)
    return {
        "json": pretty,
        "minifiedJson": go_json(shown),
        "id": str(zlib.crc32(pretty.encode())),
        "version": own["Version"],
    }


def _parsed(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ProviderError(f"a source or override policy document is no JSON: {error}") from None
    statements = found.get("Statement", [])
    return {
        "Version": found.get("Version"),
        "Id": found.get("Id"),
        "Statement": statements if isinstance(statements, list) else [statements],
    }


def _merged(base: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    statements = list(base["Statement"])
    places = {each["Sid"]: place for place, each in enumerate(statements) if each.get("Sid")}
    for each in other["Statement"]:
        if each.get("Sid") in places:
            statements[places[each["Sid"]]] = each
        else:
            statements.append(each)
    return {
        "Version": other.get("Version") or base["Version"],
        "Id": other.get("Id") or base["Id"],
        "Statement": statements,
    }


def _refuse_duplicates(statements: list[dict[str, Any]], where: str) -> None:
    sids = [each["Sid"] for each in statements if each.get("Sid")]
    doubles = sorted({sid for sid in sids if sids.count(sid) > 1})
    if doubles:
        raise ProviderError(f"duplicate Sid ({', '.join(doubles)}) within the {where}")


def _statement(given: Mapping[str, Any]) -> dict[str, Any]:
    sid = given.get("sid")
    if sid and not (sid.isascii() and sid.isalnum()):
        raise ProviderError(f"a statement's sid must only hold letters and digits, not {sid!r}")
    whole = {
        "Sid": sid,
        "Effect": given.get("effect") or "Allow",
        "Action": _short(given.get("actions")),
        "NotAction": _short(given.get("notActions")),
        "Resource": _variables(_short(given.get("resources"))),
        "NotResource": _variables(_short(given.get("notResources"))),
        "Principal": _principals(given.get("principals")),
        "NotPrincipal": _principals(given.get("notPrincipals")),
        "Condition": _conditions(given.get("conditions")),
    }
    return {name: value for name, value in whole.items() if value}


def _short(values: list[str] | None) -> str | list[str] | None:
    """One value stands for itself, more are sorted downwards, as upstream does."""
    if not values:
        return None
    return values[0] if len(values) == 1 else sorted(values, reverse=True)


def _variables(value: Any) -> Any:
    if isinstance(value, list):
        return [_variables(item) for item in value]
    return value.replace("&{", "${") if isinstance(value, str) else value


def _principals(given: list[Mapping[str, Any]] | None) -> Any:
    if not given:
        return None
    kinds: dict[str, list[str]] = {}
    for each in given:
        kinds.setdefault(each["type"], []).extend(each["identifiers"])
    if kinds == {"*": ["*"]}:
        return "*"
    return {kind: _variables(_short(kinds[kind])) for kind in sorted(kinds)}


def _conditions(given: list[Mapping[str, Any]] | None) -> Any:
    if not given:
        return None
    tests: dict[str, dict[str, list[str]]] = {}
    for each in given:
        tests.setdefault(each["test"], {}).setdefault(each["variable"], []).extend(each["values"])
    return {
        test: {
            name: _variables(values[0] if len(values) == 1 else values)
            for name, values in sorted(by_name.items())
        }
        for test, by_name in sorted(tests.items())
    }
