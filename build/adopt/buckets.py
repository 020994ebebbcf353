"""The bucket of a state that the functions work with, and its settings."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .immutable import unlike
from .matcher import Matcher, option, own_id
from .program import ADOPTABLE
from .state import Found

PICTURES = "PrivateBucket/Bucket/pictures"
ARTIFACTS = "ArtifactBucket/Bucket/artifacts"
# The program's, of all its buckets.
OLD_VERSION_DAYS = 30
_WEB = ("aws_s3_bucket_website_configuration", "aws_cloudfront_distribution")


def match_buckets(matcher: Matcher, functions: Sequence[Found]) -> None:
    """Matches the bucket of pictures: the one that the functions' variables or rights name."""
    _bucket(matcher, PICTURES, _worked_with(matcher, functions))
    # Nothing that is there is guessed to be for artifacts alone; who knows better can say so.
    _bucket(matcher, ARTIFACTS, [])


def _bucket(matcher: Matcher, path: str, candidates: Sequence[Found]) -> None:
    bucket = matcher.take(path, candidates, identity=_name, name=_name, notes=_closing)
    if bucket is None:
        return
    component, _, name = path.split("/")
    settings = [
        place
        for place in ADOPTABLE.values()
        if place.path.startswith(f"{component}/") and place.path.endswith(f"/{name}") and place.path != path
    ]
    for place in settings:
        matcher.take(
            place.path,
            [each for each in matcher.all(place.terraform) if each.text("bucket") == _name(bucket)],
            identity=own_id,
            unfit=lambda each: unlike(each, {"bucket": _name(bucket), "expected_bucket_owner": ""}),
            notes=_grants,
        )


def _worked_with(matcher: Matcher, functions: Sequence[Found]) -> list[Found]:
    """The buckets that functions and their roles name, less those that hold code or serve pages."""
    texts = _texts_of(matcher, functions)
    fitting = []
    for bucket in matcher.all("aws_s3_bucket"):
        other_use = _other_use(matcher, bucket)
        if other_use:
            matcher.leave([bucket], other_use)
        elif f'"{_name(bucket)}"' in texts or f":::{_name(bucket)}" in texts:
            fitting.append(bucket)
    return fitting


def _texts_of(matcher: Matcher, functions: Sequence[Found]) -> str:
    """The functions' variables, and all policies that may be theirs."""
    roles = {each.text("role") for each in functions}
    names = {each.text("name") for each in matcher.found if each.text("arn") in roles}
    policies = [
        each.text("policy")
        for each in matcher.found
        if each.type == "aws_iam_policy"
        or (each.type == "aws_iam_role_policy" and each.text("role") in names)
    ]
    return json.dumps([*(dict(each.block("environment")) for each in functions), *policies], default=str)


def _other_use(matcher: Matcher, bucket: Found) -> str:
    """What a bucket is for, if not for what the functions work with; such a one is only taken on demand."""
    name = _name(bucket)
    on_demand = f"{option(bucket, PICTURES)} makes it the functions' all the same"
    if any(each.text("s3_bucket") == name for each in matcher.found if each.type.startswith("aws_lambda_")):
        return f"code or layers go through it, which have a bucket of their own with Lamina; {on_demand}"
    pages = json.dumps([dict(each.values) for each in matcher.found if each.type in _WEB], default=str)
    if bucket.block("website") or f'"{name}"' in pages or f'"{name}.s3' in pages:
        return f"it serves web pages, and the program's buckets are closed; {on_demand}"
    return ""


def _name(bucket: Found) -> str:
    return bucket.text("bucket") or own_id(bucket)


def _closing(_: Found) -> list[str]:
    kept = f"has replaced and deleted versions expire after {OLD_VERSION_DAYS} days"
    return [f"the first up closes it to the public and to plain HTTP, and {kept}"]


def _grants(setting: Found) -> list[str]:
    if setting.type != "aws_s3_bucket_policy":
        return []
    return ["the first up puts the program's policy in its place, which grants nothing to anybody"]
