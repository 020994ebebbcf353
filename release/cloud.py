"""What AWS says and does: the stack's functions by their tags, their `live` aliases, the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .errors import ReleaseError
from .ledger import PREFIX, Ledger, read_ledger
from .stack import Stack

LIVE = "live"
STACK_TAG = "lamina:stack"
FUNCTION_TAG = "lamina:function"
LEDGER_TAG = "lamina:ledger"
# Someone on call waits: a connection that hangs is given up soon, throttling is waited out.
_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 6})


@dataclass(frozen=True, slots=True)
class LiveFunction:
    """A function of the stack, and what is live of it.

    Attributes:
        name: the short name that ledger and pins have for it.
        full_name: its name in AWS.
        bucket: of the ledger.
        version: that its `live` alias points to.
        weights: the share, 0 to 1, of other versions in its traffic.
    """

    name: str
    full_name: str
    bucket: str
    version: int
    weights: Mapping[str, float] = field(default_factory=dict)


class Cloud:
    """AWS, as the stack is deployed to it."""

    def __init__(self, stack: Stack) -> None:
        """Takes the stack, whose settings say which region and profile.

        Raises:
            ReleaseError: no region is known, or the profile is not there.
        """
        self._stack = stack
        with _told(f"reaching AWS for the stack {stack.name}"):
            session = boto3.Session(profile_name=stack.profile, region_name=stack.region)
            self._lambda: Any = session.client("lambda", config=_CONFIG)
            self._s3: Any = session.client("s3", config=_CONFIG)

    def functions(self) -> list[LiveFunction]:
        """The stack's functions that have a `live` alias, by name.

        Raises:
            ReleaseError: there is none, or AWS does not say.
        """
        # Tags say what belongs to the stack; names spare asking for those of all others.
        begins = f"{self._stack.project}-{self._stack.name}-".replace(".", "-")
        found = []
        with _told("listing the functions"):
            pages = self._lambda.get_paginator("list_functions").paginate()
            named = [each for page in pages for each in page["Functions"]]
            for each in named:
                name = each["FunctionName"]
                if name.startswith(begins) or name in self._stack.adopted:
                    tags = self._lambda.list_tags(Resource=each["FunctionArn"])["Tags"]
                    if tags.get(STACK_TAG) == self._stack.tag and {FUNCTION_TAG, LEDGER_TAG} <= tags.keys():
                        found.append((name, tags))
        live = [self._live(full_name, tags) for full_name, tags in found]
        if not any(live):
            where = self._lambda.meta.region_name
            raise ReleaseError(
                f"the stack {self._stack.name} has nothing live in {where}: no function there has the tag "
                f"{STACK_TAG} = {self._stack.tag} and an alias `{LIVE}`; deploy it first"
            )
        return sorted((each for each in live if each), key=lambda each: each.name)

    def ledger(self, bucket: str) -> Ledger:
        """The ledger of a bucket.

        Raises:
            ReleaseError: AWS does not give it.
        """
        with _told(f"listing the ledger in the bucket {bucket}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX)
            listed = [item for page in pages for item in page.get("Contents", ())]
        return read_ledger((item["Key"], item["LastModified"]) for item in listed)

    def content(self, bucket: str, key: str) -> str:
        """An object of the ledger.

        Raises:
            ReleaseError: AWS does not give it.
        """
        with _told(f"reading {key} in the bucket {bucket}"):
            body: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body.decode("utf-8", "replace")

    def exists(self, full_name: str, version: int) -> bool:
        """Whether a version is still there.

        Raises:
            ReleaseError: AWS does not say.
        """
        with _told(f"looking for version {version} of {full_name}"):
            try:
                self._lambda.get_function_configuration(FunctionName=full_name, Qualifier=str(version))
            except self._lambda.exceptions.ResourceNotFoundException:
                return False
        return True

    def move(self, full_name: str, version: int) -> None:
        """Sends all of a function's traffic to a version.

        Raises:
            ReleaseError: AWS refuses.
        """
        with _told(f"moving the alias {LIVE} of {full_name} to version {version}"):
            self._lambda.update_alias(
                FunctionName=full_name,
                Name=LIVE,
                FunctionVersion=str(version),
                RoutingConfig={"AdditionalVersionWeights": {}},
            )

    def _live(self, full_name: str, tags: Mapping[str, str]) -> LiveFunction | None:
        with _told(f"reading the alias {LIVE} of {full_name}"):
            try:
                alias = self._lambda.get_alias(FunctionName=full_name, Name=LIVE)
            except self._lambda.exceptions.ResourceNotFoundException:
                return None
        if not alias["FunctionVersion"].isdigit():
            raise ReleaseError(
                f"the alias {LIVE} of {full_name} points to {alias['FunctionVersion']}, which is no "
                "published version; deploy the stack, which repairs that"
            )
        weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        return LiveFunction(
            tags[FUNCTION_TAG], full_name, tags[LEDGER_TAG], int(alias["FunctionVersion"]), weights
        )


@contextmanager
def _told(doing: str) -> Iterator[None]:
    """Turns what boto3 raises into one line with what was being done."""
    try:
        yield
    except ClientError as error:
        answer = error.response.get("Error", {})
        raise ReleaseError(f"{doing}: {answer.get('Code')}: {answer.get('Message')}") from error
    except BotoCoreError as error:
        raise ReleaseError(f"{doing}: {' '.join(str(error).split())}") from error
