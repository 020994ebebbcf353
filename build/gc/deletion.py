"""Deletes what a plan has, after a last look at each, and knows at any time what is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ..errors import FailureError
from ..progress import Progress
from . import listing
from .apis import INTEGRATED, is_integrated
from .cloud import Cloud, is_hopeless, is_missing, reason_of
from .decision import references
from .holders import Holders
from .plan import Plan
from .records import FunctionVersion, HttpApi, Item, LayerVersion, Removal, StoredObject

# How long a list of who refers to layer versions is good for, in seconds. A function that takes a version
# between that look and its deletion keeps its copy of it, as AWS keeps one for whoever has it.
FRESH = 300
# Whatever is wrong is wrong with more than that many, then.
MOST_FAILURES = 20


@dataclass(slots=True)
class Outcome:
    """What became of a plan, so far.

    Attributes:
        deleted: what is gone, also where it was gone already.
        spared: what stays after all, with the reason.
        failures: what AWS refused, one sentence each.
    """

    deleted: list[Removal] = field(default_factory=list)
    spared: list[tuple[Removal, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


class Deletion:
    """Goes through a plan once.

    Attributes:
        outcome: what is done; true also after an interruption.
    """

    def __init__(self, cloud: Cloud, plan: Plan, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Deletes nothing yet.

        Args:
            cloud: where.
            plan: what to delete.
            clock: gives seconds.
        """
        self.outcome = Outcome()
        self._cloud = cloud
        self._plan = plan
        self._clock = clock
        self._holders = Holders(cloud, plan.layer_arn.partition(":layer:")[0] + ":function:")
        self._referred: set[int] = set()
        self._listed: float | None = None
        self._steps: Mapping[type[Item], Callable[[Any], str | None]] = {
            FunctionVersion: self._function_version,
            LayerVersion: self._layer_version,
            StoredObject: self._object,
            HttpApi: self._api,
        }

    def run(self, progress: Progress) -> None:
        """Deletes; what fails is noted, and the rest goes on unless that makes no sense.

        Args:
            progress: told how many are through.
        """
        removals = self._plan.removals
        with progress.stage("deleting", total=len(removals), unit="items") as stage:
            for removal in removals:
                if not self._delete(removal) or len(self.outcome.failures) == MOST_FAILURES:
                    return
                stage.advance(1)

    def _delete(self, removal: Removal) -> bool:
        """Deletes one thing; gives whether it makes sense to go on."""
        try:
            reason = self._steps[type(removal.item)](removal.item)
        except FailureError as error:
            self.outcome.failures.append(f"{removal.name} stays: {error}")
            return False
        except (ClientError, BotoCoreError) as error:
            if is_missing(error):
                self.outcome.deleted.append(removal)
                return True
            self.outcome.failures.append(f"{removal.name} stays: {reason_of(error)}")
            return not is_hopeless(error)
        if reason is None:
            self.outcome.deleted.append(removal)
        else:
            self.outcome.spared.append((removal, reason))
        return True

    def _function_version(self, version: FunctionVersion) -> str | None:
        # An alias that has come to point to it makes AWS refuse.
        if self._holders.is_released(version.function, version.number):
            return "it has come into the ledger"
        # Never without a version's number: that would delete the function.
        qualifier = f"{version.number:d}"
        self._cloud.functions.delete_function(FunctionName=version.function, Qualifier=qualifier)
        return None

    def _layer_version(self, version: LayerVersion) -> str | None:
        if version.number in self._references():
            return "a function refers to it"
        self._cloud.functions.delete_layer_version(
            LayerName=self._plan.asked.layer, VersionNumber=version.number
        )
        return None

    def _object(self, found: StoredObject) -> str | None:
        if self.outcome.failures or self._versions_stay:
            return "versions that may have it stay; run this again"
        # Whoever needs the same content again puts it again.
        now = self._cloud.objects.head_object(Bucket=found.bucket, Key=found.key)
        if (now["ETag"], now["LastModified"].timestamp()) != (found.etag, found.modified):
            return "it was put anew"
        self._cloud.objects.delete_object(Bucket=found.bucket, Key=found.key)
        return None

    def _api(self, api: HttpApi) -> str | None:
        if is_integrated(self._cloud, api.identity):
            return INTEGRATED
        self._cloud.apis.delete_api(ApiId=api.identity)
        return None

    @property
    def _versions_stay(self) -> bool:
        return any(not isinstance(spared.item, StoredObject) for spared, _ in self.outcome.spared)

    def _references(self) -> set[int]:
        """The versions that functions refer to, listed again whenever the last list is too old."""
        if self._listed is None or self._clock() - self._listed > FRESH:
            versions = listing.function_versions(self._cloud, self._plan.layer_arn)
            self._referred = references(versions)
            self._listed = self._clock()
        return self._referred
