"""A picture of all that there is in an AWS, made through boto3, so that two worlds can be compared.

A picture maps the name of each thing, such as `lambda api:live`, to what it is. What differs from world to
world by chance (random names, ids, ports, dates) is left out or replaced; numbers of versions stay, and
`released` makes them relative to an earlier picture, so that one release can be compared with another.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from .world import PROJECT, STACK, World

Picture = dict[str, Any]

_PREFIX = f"{PROJECT}-{STACK}-"
# Pulumi's suffix of generated names: seven hexadecimal digits.
_RANDOM = re.compile(r"-[0-9a-f]{7}\b")
# The ledger's entry of a set of versions.
_SET = re.compile(r"(s3 [^/]+/releases/)([\w-]+=\d+(?:,[\w-]+=\d+)*)(\.json)")
# What says when, not what.
_VOLATILE = frozenset(
    {
        "AlarmConfigurationUpdatedTimestamp", "ApiEndpoint", "ApiGatewayManaged",
        "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed",
        "ApproximateNumberOfMessagesNotVisible", "CreateDate", "CreatedDate", "CreatedTimestamp",
        "DeploymentId", "EventSourceMappingArn", "LastModified", "LastModifiedTimestamp",
        "LastProcessingResult", "LastUpdatedDate", "ResponseMetadata", "RevisionId", "RoleId", "RoleLastUsed",
        "StateTransitionReason", "StateUpdatedTimestamp", "UUID", "creationTime", "storedBytes",
    }
)  # fmt: skip


def picture(world: World) -> Picture:
    """Describes everything in a world's AWS."""
    found: Picture = {}
    parts = (_buckets, _roles, _groups, _alarms, _queues, _rules, _functions, _layers, _mappings, _apis)
    for describe in parts:
        found.update(describe(world))
    return _named(found, world)


def released(now: Picture, before: Picture) -> Picture:
    """What a release made of a world, in numbers relative to the picture before it.

    Args:
        now: the picture after it.
        before: that from before it.

    Returns:
        The picture without what lasts for ever and was there before (function and layer versions, entries of
        the ledger); new numbers of versions are `+1`, `+2` and so on, within texts, too.
    """
    lasting = re.compile(r"(lambda|layer) [\w-]+:\d+|s3 [^/]+/releases/.*")
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for key in sorted(now, key=_natural):
        kind, _, rest = key.partition(" ")
        if kind in {"lambda", "layer"} and re.fullmatch(r"[\w-]+:\d+", rest) and key not in before:
            name, number = rest.split(":")
            counts[f"{kind} {name}"] = counts.get(f"{kind} {name}", 0) + 1
            names[f"{kind} {name}:{number}"] = f"+{counts[f'{kind} {name}']}"
    kept = {key: value for key, value in now.items() if key not in before or not lasting.fullmatch(key)}
    lost = {
        key: "gone" for key, value in before.items() if lasting.fullmatch(key) and now.get(key, None) != value
    }
    return {_relative(key, key, names): _within(value, key, names) for key, value in kept.items()} | lost


def difference(one: Picture, other: Picture) -> list[str]:
    """How two pictures differ: a line for each thing, empty where they are the same."""
    lines = [f"{key}: only in the first" for key in one.keys() - other.keys()]
    lines += [f"{key}: only in the second" for key in other.keys() - one.keys()]
    for key in one.keys() & other.keys():
        if one[key] != other[key]:
            lines.append(f"{key}: {json.dumps(one[key])} is not {json.dumps(other[key])}")
    return sorted(lines)


def _natural(key: str) -> list[Any]:
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", key)]


def _function_of(key: str) -> str:
    """The function that an entry is about, as far as it has numbers of that function's versions."""
    ledger = re.match(r"s3 [^/]+/releases/([\w-]+)/", key)
    return ledger.group(1) if ledger else key.partition(" ")[2].partition(":")[0]


def _relative(text: str, key: str, names: Mapping[str, str]) -> str:
    """A text with relative numbers of new versions: in ARNs, names of things, and keys of the ledger."""

    def arn(found: re.Match[str]) -> str:
        kind, name, number = found.groups()
        known = names.get(f"{'layer' if kind == 'layer' else 'lambda'} {name.removeprefix(_PREFIX)}:{number}")
        return f"{kind}:{name}:{known}" if known else found.group()

    if text in names:
        return f"{text.rpartition(':')[0]}:{names[text]}"
    text = re.sub(r"(function|layer):([\w-]+):(\d+)", arn, text)
    if whole := _SET.fullmatch(text):
        pairs = [pair.split("=") for pair in whole.group(2).split(",")]
        moved = [f"{name}={names.get(f'lambda {name}:{number}', number)}" for name, number in pairs]
        return f"{whole.group(1)}{','.join(moved)}{whole.group(3)}"
    entry = re.fullmatch(r"(s3 [^/]+/releases/[\w-]+/)(\d+)(\.json)", text)
    if entry and (known := names.get(f"lambda {_function_of(key)}:{entry.group(2)}")):
        return f"{entry.group(1)}{known}{entry.group(3)}"
    return text


def _within(value: Any, key: str, names: Mapping[str, str], field: str = "") -> Any:
    if isinstance(value, dict):
        # The ledger's entry of a set has each function's version under its name.
        own = field == "functions"
        return {
            name: _within(each, f"lambda {name}" if own else key, names, name) for name, each in value.items()
        }
    if isinstance(value, list):
        return [_within(each, key, names) for each in value]
    if field in {"FunctionVersion", "Version", "version"}:
        kind = "layer" if key.startswith("layer ") else "lambda"
        return names.get(f"{kind} {_function_of(key)}:{value}", value)
    return _relative(value, key, names) if isinstance(value, str) else value


def _named(found: Picture, world: World) -> Picture:
    """The picture without what is random in it."""
    apis = {each["ApiId"]: each["Name"] for each in world.client("apigatewayv2").get_apis()["Items"]}
    endpoint = f"http://127.0.0.1:{world.port}"

    def text(value: str) -> str:
        for random, name in apis.items():
            value = value.replace(random, f"api({_RANDOM.sub('', name)})")
        return _RANDOM.sub("", value.replace(endpoint, "ENDPOINT").replace(f"{_PREFIX}", ""))

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {text(str(k)): clean(each) for k, each in sorted(value.items()) if k not in _VOLATILE}
        if isinstance(value, list | tuple):
            return [clean(each) for each in value]
        if isinstance(value, str):
            with contextlib.suppress(ValueError):
                parsed = json.loads(value)
                if isinstance(parsed, dict):
                    return clean(parsed)
            return text(value)
        return value if isinstance(value, int | float | bool | None) else str(value)

    return {text(key): clean(value) for key, value in sorted(found.items())}


def _asked(call: Callable[..., Any], **arguments: Any) -> Any:
    """The answer, or the code of the error that says that there is none."""
    try:
        answer = call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    answer.pop("ResponseMetadata", None)
    return answer


def _all(client: Any, operation: str, member: str, **arguments: Any) -> list[Any]:
    pages = client.get_paginator(operation).paginate(**arguments)
    return [each for page in pages for each in page.get(member, ())]


def _buckets(world: World) -> Iterator[tuple[str, Any]]:
    s3 = world.client("s3")
    for name in [each["Name"] for each in s3.list_buckets()["Buckets"]]:
        yield (
            f"s3 {name}",
            {
                "versioning": _asked(s3.get_bucket_versioning, Bucket=name),
                "encryption": _asked(s3.get_bucket_encryption, Bucket=name),
                "public": _asked(s3.get_public_access_block, Bucket=name),
                "ownership": _asked(s3.get_bucket_ownership_controls, Bucket=name),
                "policy": _asked(s3.get_bucket_policy, Bucket=name),
                "lifecycle": _asked(s3.get_bucket_lifecycle_configuration, Bucket=name),
                "tags": _asked(s3.get_bucket_tagging, Bucket=name),
            },
        )
        for each in _all(s3, "list_objects_v2", "Contents", Bucket=name):
            if each["Key"].endswith(".json"):
                content: Any = s3.get_object(Bucket=name, Key=each["Key"])["Body"].read().decode()
            else:
                content = {"etag": each["ETag"], "size": each["Size"]}
            yield f"s3 {name}/{each['Key']}", content


def _roles(world: World) -> Iterator[tuple[str, Any]]:
    iam = world.client("iam")
    for role in _all(iam, "list_roles", "Roles"):
        name = role["RoleName"]
        inline = {
            policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        }
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        yield f"iam {name}", {**role, "inline": inline, "attached": attached}


def _groups(world: World) -> Iterator[tuple[str, Any]]:
    for group in _all(world.client("logs"), "describe_log_groups", "logGroups"):
        yield f"logs {group['logGroupName']}", group


def _alarms(world: World) -> Iterator[tuple[str, Any]]:
    for alarm in _all(world.client("cloudwatch"), "describe_alarms", "MetricAlarms"):
        yield f"alarm {alarm['AlarmName']}", alarm


def _queues(world: World) -> Iterator[tuple[str, Any]]:
    sqs = world.client("sqs")
    for url in sqs.list_queues().get("QueueUrls", ()):
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        yield f"sqs {url.rpartition('/')[2]}", {**found, "tags": _asked(sqs.list_queue_tags, QueueUrl=url)}


def _rules(world: World) -> Iterator[tuple[str, Any]]:
    events = world.client("events")
    for rule in events.list_rules()["Rules"]:
        targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        yield f"events {rule['Name']}", {**rule, "targets": targets}


def _functions(world: World) -> Iterator[tuple[str, Any]]:
    client = world.client("lambda")
    for function in _all(client, "list_functions", "Functions"):
        name = function["FunctionName"]
        found = client.get_function(FunctionName=name)
        yield (
            f"lambda {name}",
            {
                **found["Configuration"],
                "tags": found.get("Tags"),
                "concurrency": found.get("Concurrency"),
                "policy": _asked(client.get_policy, FunctionName=name),
                "asynchronous": _asked(client.get_function_event_invoke_config, FunctionName=name),
            },
        )
        for version in _all(client, "list_versions_by_function", "Versions", FunctionName=name):
            if version["Version"] != "$LATEST":
                yield f"lambda {name}:{version['Version']}", version
        for alias in client.list_aliases(FunctionName=name)["Aliases"]:
            policy = _asked(client.get_policy, FunctionName=name, Qualifier=alias["Name"])
            yield f"lambda {name}:{alias['Name']}", {**alias, "policy": policy}


def _layers(world: World) -> Iterator[tuple[str, Any]]:
    client = world.client("lambda")
    for layer in _all(client, "list_layers", "Layers"):
        name = layer["LayerName"]
        for version in _all(client, "list_layer_versions", "LayerVersions", LayerName=name):
            yield f"layer {name}:{version['Version']}", version


def _mappings(world: World) -> Iterator[tuple[str, Any]]:
    for mapping in _all(world.client("lambda"), "list_event_source_mappings", "EventSourceMappings"):
        yield f"mapping {mapping['EventSourceArn']} {mapping['FunctionArn']}", mapping


def _apis(world: World) -> Iterator[tuple[str, Any]]:
    client = world.client("apigatewayv2")
    for api in client.get_apis()["Items"]:
        at = api["ApiId"]
        integrations = client.get_integrations(ApiId=at)["Items"]
        routes = client.get_routes(ApiId=at)["Items"]
        # Ids of integrations are random, and a route names its own.
        numbers = {each["IntegrationId"]: str(number) for number, each in enumerate(integrations)}
        yield (
            f"api {api['Name']}",
            {
                **api,
                "integrations": [{**each, "IntegrationId": ""} for each in integrations],
                "routes": [
                    {
                        **route,
                        "RouteId": "",
                        "Target": numbers.get(route.get("Target", "").rpartition("/")[2], "none"),
                    }
                    for route in routes
                ],
                "stages": client.get_stages(ApiId=at)["Items"],
            },
        )
