"""What must be true after every failure, looked up in AWS; each check gives the lines of what is not."""

from __future__ import annotations

import io
import json
import re
import urllib.request
import zipfile
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from tests.world.content import FUNCTIONS
from tests.world.picture import Picture
from tests.world.world import PROJECT, STACK, Ran, World

_STEP = re.compile(r"^ *\S+ +(aws:\S+) (\S+) (.*)$", re.MULTILINE)


def live_untested(world: World) -> Iterator[str]:
    """`live` aliases whose version the ledger does not know with just the layer and the code that it has."""
    client = world.client("lambda")
    for short in FUNCTIONS:
        name = f"{PROJECT}-{STACK}-{short}"
        alias = client.get_alias(FunctionName=name, Name="live")
        weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        for version in (alias["FunctionVersion"], *weights):
            has = _digests(world, name, version)
            tested = _ledger(world, short, version)
            if has != tested:
                yield f"{short}: live is version {version} with {has}, and the ledger has {tested}"


def _digests(world: World, name: str, version: str) -> tuple[str, str]:
    """The digests of the layer and the code that a version has in AWS."""
    client = world.client("lambda")
    found = client.get_function(FunctionName=name, Qualifier=version)
    (layer,) = found["Configuration"]["Layers"]
    described = client.get_layer_version_by_arn(Arn=layer["Arn"])["Description"]
    with urllib.request.urlopen(found["Code"]["Location"], timeout=60) as answer:
        archive = zipfile.ZipFile(io.BytesIO(answer.read()))
    return described, json.loads(archive.read("lamina.json"))["digest"]


def _ledger(world: World, short: str, version: str) -> tuple[str, str] | None:
    s3 = world.client("s3")
    (bucket,) = [
        each["Name"] for each in s3.list_buckets()["Buckets"] if each["Name"].startswith("artifacts-")
    ]
    try:
        entry = s3.get_object(Bucket=bucket, Key=f"releases/{short}/{version}.json")["Body"].read()
    except ClientError:
        return None
    found = json.loads(entry)
    return found["layer"]["digest"], found["code"]["digest"]


def steps(told: str, *words: str) -> set[tuple[str, str]]:
    """The resources, as type and name, whose lines in what a run printed end in one of the words."""
    return {
        (kind, name)
        for kind, name, rest in _STEP.findall(told)
        if any(word in rest.split() for word in words)
    }


def unfinished(world: World, told: str) -> set[tuple[str, str]]:
    """The resources of which a run left word that they may not be as the state has them.

    That is: an operation on them failed, or was under way when the run ended.
    """
    state = world.state()
    noted = [each["resource"] for each in state.get("pending_operations", ())]
    noted += [each for each in state.get("resources", ()) if each.get("initErrors")]
    return {_step_of(each) for each in noted} | steps(told, "failed")


def state_untrue(unfinished: set[tuple[str, str]], refreshed: str) -> Iterator[str]:
    """What the refresh of the next run found otherwise than the state had it, and nobody had word of.

    Args:
        unfinished: what there was word of.
        refreshed: what the next run printed.
    """
    for kind, name in sorted(steps(refreshed, "drifted", "gone") - unfinished):
        yield f"the state was wrong about {kind} {name}"


def pending_creates(world: World) -> list[tuple[str, str]]:
    """The resources whose creation was cut off, as type and name."""
    pending = world.state().get("pending_operations", ())
    return [_step_of(each["resource"]) for each in pending if each["type"] == "creating"]


def untold(ran: Ran) -> Iterator[str]:
    """What a user misses in the output of a run that failed: a reason, and in one piece."""
    if "error: " not in ran.told and ran.code >= 0:
        yield "the run failed without a reason"
    if "Traceback (most recent call last)" in ran.told:
        yield "the run printed a traceback"


def without_attempt(made: Picture) -> Picture:
    """The picture of a release in which functions were published anew, as if once had been enough.

    The number that forced it, and the versions before that are not live, are left out.
    """
    kept: Picture = json.loads(json.dumps(made))
    _first_set(kept)
    for short in FUNCTIONS:
        live = kept[f"lambda {short}:live"]["FunctionVersion"]
        for key in [each for each in kept if re.search(rf"[ /]{short}[:/]\+\d", each)]:
            value = kept.pop(key)
            if live in key:
                kept[key.replace(live, "+1")] = _first(value, short, live)
        kept[f"lambda {short}:live"]["FunctionVersion"] = "+1"
    for key, value in kept.items():
        if key.startswith("lambda ") and "Environment" in value:
            value["Environment"]["Variables"].pop("LAMINA_ATTEMPT", None)
    return kept


def _first_set(kept: Picture) -> None:
    """Leaves of the ledger's sets the one that is live, under the first numbers."""
    live = {short: kept[f"lambda {short}:live"]["FunctionVersion"] for short in sorted(FUNCTIONS)}
    name = ",".join(f"{short}={number}" for short, number in live.items())
    for key in [each for each in kept if re.search(r"/releases/[\w-]+=", each)]:
        value = kept.pop(key)
        if f"/{name}." in key:
            for short, number in live.items():
                value["functions"][short] = _first(value["functions"][short], short, number)
            kept[key.replace(name, ",".join(f"{short}=+1" for short in live))] = value


def _first(value: Any, short: str, live: str) -> Any:
    """What there is of a version, under the first number."""
    renamed = json.loads(json.dumps(value).replace(f":{short}:{live}", f":{short}:+1"))
    return renamed | {field: "+1" for field in ("Version", "version") if renamed.get(field) == live}


def without_second_layer(made: Picture) -> Picture:
    """The picture of a release without the layer version of a reply that was lost.

    The SDK's second try published one more of the same; the functions have that one.
    """
    second, first = "layer deps:+2", "layer deps:+1"
    if second not in made or _same(made[second], "+2") != _same(made[first], "+1"):
        return made
    kept: Picture = json.loads(
        json.dumps({key: value for key, value in made.items() if key != first})
        .replace(second, first)
        .replace("layer:deps:+2", "layer:deps:+1")
    )
    kept[first]["Version"] = made[first]["Version"]
    return kept


def _same(layer: Any, number: str) -> str:
    return json.dumps({key: value for key, value in layer.items() if key != "Version"}).replace(
        f":{number}", ""
    )


def _step_of(resource: Any) -> tuple[str, str]:
    package, module, kind = resource["type"].split(":")
    return f"{package}:{module.partition('/')[0]}:{kind}", resource["urn"].rpartition("::")[2]
