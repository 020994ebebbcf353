"""What a bucket's settings have in common that are resources of their own."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .resource import Resource
from .values import State

PROPAGATION = 2 * 60.0


class BucketSetting(Resource, abc.ABC):
    """A setting that is put on, read from and taken off a bucket whose name (and owner) is its id."""

    noun: ClassVar[str]
    missing: ClassVar[tuple[str, ...]]
    retried: ClassVar[tuple[str, ...]] = ("NoSuchBucket",)

    @abc.abstractmethod
    def put(self, client: Any, where: Mapping[str, str], new: State) -> None:
        """Puts the setting on the bucket."""

    @abc.abstractmethod
    def get(self, client: Any, where: Mapping[str, str], state: State) -> State | None:
        """The setting as the bucket has it."""

    @abc.abstractmethod
    def drop(self, client: Any, where: Mapping[str, str], state: State) -> None:
        """Takes the setting off the bucket."""

    @override
    def create(self, aws: Aws, new: State) -> str:
        self._put(aws, new, f"creating {self.noun} ({new['bucket']})")
        owner = new.get("expectedBucketOwner")
        return f"{new['bucket']},{owner}" if owner else str(new["bucket"])

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        what = f"waiting for {self.noun} ({identity}) create"
        with aws.doing(what):
            aws.clock.wait(lambda: self._found(aws, new), what=what, within=PROPAGATION)

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        with aws.doing(f"reading {self.noun} ({identity})"):
            found = self._found(aws, state)
        return None if found is None else {"bucket": state["bucket"], **found}

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        self._put(aws, new, f"updating {self.noun} ({identity})")

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        client = aws.client("s3", state)
        what = f"deleting {self.noun} ({identity})"
        with aws.doing(what), gone("NoSuchBucket", *self.missing):
            aws.clock.retry(
                lambda: self.drop(client, _where(state), state),
                when=lambda error: failed_with(error, "OperationAborted"),
            )

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        bucket, _, owner = identity.partition(",")
        return identity, {"bucket": bucket, **({"expectedBucketOwner": owner} if owner else {})}

    def _put(self, aws: Aws, new: State, what: str) -> None:
        client = aws.client("s3", new)
        with aws.doing(what):
            aws.clock.retry(
                lambda: self.put(client, _where(new), new),
                when=lambda error: failed_with(error, *self.retried),
                within=PROPAGATION,
            )

    def _found(self, aws: Aws, state: State) -> State | None:
        try:
            return self.get(aws.client("s3", state), _where(state), state)
        except ClientError as error:
            if failed_with(error, "NoSuchBucket", *self.missing):
                return None
            raise


def _where(state: State) -> dict[str, str]:
    owner = state.get("expectedBucketOwner")
    return {"Bucket": state["bucket"], **({"ExpectedBucketOwner": owner} if owner else {})}
