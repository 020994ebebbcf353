"""Says what was changed outside in the words of the people who run the stack."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from .findings import Difference, Drift

_HASH = 12
_REPAIRS = {"create": "makes it again", "update": "sets it as the program asks", "replace": "replaces it"}

_SUBJECTS = {
    "aws:apigatewayv2/api:Api": "the HTTP API {name}",
    "aws:apigatewayv2/integration:Integration": "the integration of the HTTP API {apiId}",
    "aws:apigatewayv2/route:Route": "the route {routeKey} of the HTTP API {apiId}",
    "aws:apigatewayv2/stage:Stage": "the stage {name} of the HTTP API {apiId}",
    "aws:cloudwatch/eventRule:EventRule": "the rule {name}",
    "aws:cloudwatch/eventTarget:EventTarget": "the target {arn} of the rule {rule}",
    "aws:cloudwatch/logGroup:LogGroup": "the log group {name}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "the alarm {name}",
    "aws:iam/role:Role": "the role {name}",
    "aws:iam/rolePolicy:RolePolicy": "the policy {name} of the role {role}",
    "aws:lambda/alias:Alias": "the alias {name} of {functionName}",
    "aws:lambda/eventSourceMapping:EventSourceMapping": "the mapping of {eventSourceArn} to {functionName}",
    "aws:lambda/function:Function": "the function {name}",
    "aws:lambda/layerVersion:LayerVersion": "version {version} of the layer {layerName}",
    "aws:lambda/permission:Permission": "the permission of {principal} to call {function}:{qualifier}",
    "aws:s3/bucket:Bucket": "the bucket {bucket}",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        "the lifecycle rules of the bucket {bucket}"
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": "the object {key} of the bucket {bucket}",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "the object ownership of the bucket {bucket}",
    "aws:s3/bucketPolicy:BucketPolicy": "the policy of the bucket {bucket}",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        "the public access block of the bucket {bucket}"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "the encryption of the bucket {bucket}"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": "the versioning of the bucket {bucket}",
    "aws:sqs/queue:Queue": "the queue {name}",
}


def subject(drift: Drift) -> str:
    """What a resource is and what it is called in AWS; of an unknown type, what the program calls it."""
    template = _SUBJECTS.get(drift.type)
    values = {name: _short(value) for name, value in drift.state.items()}
    try:
        return template.format_map(values) if template else f"{drift.type} {drift.name}"
    except KeyError:
        return f"{drift.type} {drift.name}"


def changes(drift: Drift) -> list[str]:
    """What happened to it: a sentence each, without a full stop."""
    if drift.deleted:
        return ["it was deleted"]
    return [sentence for each in drift.differences for sentence in _changed(each)]


def repair(drift: Drift) -> str:
    """What the next `up` does about it."""
    return f"the next `up` {_REPAIRS[drift.repair]}"


def _changed(each: Difference) -> list[str]:
    name = each.path[0]
    if len(each.path) == 1 and name in _SENTENCES:
        return _SENTENCES[name](each.before, each.now)
    if name == "environment" and len(each.path) == 3:
        return [_compared(f"its environment variable {each.path[2]}", each.before, each.now)]
    return [_compared(f"its {' '.join(map(_words, each.path))}", each.before, each.now)]


def _compared(what: str, before: Any, now: Any) -> str:
    if now is None:
        return f"{what} was taken away; it was {_value(before)}"
    if before is None:
        return f"{what} was added: {_value(now)}"
    return f"{what} is {_value(now)}, not {_value(before)}"


def _version(before: Any, now: Any) -> list[str]:
    return [f"it points to version {now}, not {before}"]


def _published(before: Any, now: Any) -> list[str]:
    return [f"version {now} was published outside; the stack's newest was {before}"]


def _weights(_: Any, now: Any) -> list[str]:
    weights = (now or {}).get("additionalVersionWeights") or {}
    shares = [
        f"{100 * float(weight):g} % of its calls go to version {name}" for name, weight in weights.items()
    ]
    return shares or ["its weights were taken away: all calls go to one version"]


def _layers(before: Any, now: Any) -> list[str]:
    return [f"it runs with {_named(now, 'layer')}, not with {_named(before, 'layer')}"]


def _code(before: Any, now: Any) -> list[str]:
    return [f"it runs other code: its SHA-256 is {str(now)[:_HASH]}…, not {str(before)[:_HASH]}…"]


def _seconds(before: Any, now: Any) -> list[str]:
    return [f"its timeout is {now} s, not {before} s"]


def _enabled(_: Any, now: Any) -> list[str]:
    return ["it is enabled" if now in (True, "ENABLED") else "it is disabled"]


def _calls(before: Any, now: Any) -> list[str]:
    return [f"it calls {_short(now)}, not {_short(before)}"]


def _expression(before: Any, now: Any) -> list[str]:
    return [f"it runs at {now}, not at {before}"]


def _policy(before: Any, now: Any) -> list[str]:
    """Which statements came and went."""
    old, new = _statements(before), _statements(now)
    gone = [f"it no longer says: {_statement(each)}" for each in old if each not in new]
    came = [f"it says: {_statement(each)}" for each in new if each not in old]
    return gone + came or [_compared("its policy", before, now)]


# By property: no two types mean different things by one of these.
_SENTENCES: Mapping[str, Callable[[Any, Any], list[str]]] = {
    "arn": _calls,
    "assumeRolePolicy": _policy,
    "codeSha256": _code,
    "enabled": _enabled,
    "functionName": _calls,
    "functionVersion": _version,
    "layers": _layers,
    "policy": _policy,
    "routingConfig": _weights,
    "scheduleExpression": _expression,
    "state": _enabled,
    "timeout": _seconds,
    "version": _published,
}


def _statements(policy: Any) -> list[Mapping[str, Any]]:
    """The statements of a policy document, none where it is not one."""
    try:
        statements = json.loads(policy)["Statement"]
    except (KeyError, TypeError, ValueError):
        return []
    return statements if isinstance(statements, list) else [statements]


def _statement(each: Mapping[str, Any]) -> str:
    """Such as `Allow s3:GetObject to everybody on arn:aws:s3:::artifacts/*`."""
    principal = each.get("Principal")
    parties = principal.values() if isinstance(principal, Mapping) else [principal] if principal else []
    whom = _joined(["everybody" if party == "*" else party for party in parties])
    words = [str(each.get("Effect")), _joined(each.get("Action", "everything else"))]
    words += ["to", whom] if whom else []
    words += ["on", _joined(each["Resource"])] if "Resource" in each else []
    words += ["if", json.dumps(each["Condition"], sort_keys=True)] if "Condition" in each else []
    return " ".join(words)


def _joined(values: Any) -> str:
    return ", ".join(_joined(each) for each in values) if isinstance(values, list) else str(values)


def _named(values: Any, kind: str) -> str:
    return ", ".join(_short(each) for each in values) if values else f"no {kind}"


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _words(name: str) -> str:
    """`memorySize` as `memory size`; keys of maps stay as they are."""
    return re.sub(r"(?<=[a-z])[A-Z]", lambda found: f" {found[0].lower()}", name)


def _short(value: Any) -> str:
    """An ARN by what it names: `arn:aws:lambda:us-west-2:123456789012:function:api:live` is `api:live`."""
    text = str(value)
    if not text.startswith("arn:"):
        return text
    return re.sub(r"^(function|layer|event-source-mapping):", "", text.split(":", 5)[-1])
