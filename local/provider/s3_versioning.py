"""Whether a bucket keeps the versions of its objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from .aws import Aws, gone
from .s3_setting import PROPAGATION, BucketSetting
from .schema import document, string, table
from .values import State


class BucketVersioning(BucketSetting):
    """`aws:s3/bucketVersioning:BucketVersioning`."""

    type_name = "aws:s3/bucketVersioning:BucketVersioning"
    noun = "S3 Bucket Versioning"
    missing = ()
    schema = table(
        {
            "bucket": string(required=True, replaces=True),
            "expectedBucketOwner": string(replaces=True),
            "versioningConfiguration": document(
                {"status": string(required=True), "mfaDelete": string(computed=True)}, required=True
            ),
        },
        refused=("mfa",),
    )

    @override
    def put(self, client: Any, where: Mapping[str, str], new: State) -> None:
        status = new["versioningConfiguration"]["status"]
        if status != "Disabled":
            client.put_bucket_versioning(**where, VersioningConfiguration={"Status": status})

    @override
    def get(self, client: Any, where: Mapping[str, str], state: State) -> State | None:
        found = client.get_bucket_versioning(**where)
        status, mfa = found.get("Status", "Disabled"), found.get("MFADelete")
        return {"versioningConfiguration": {"status": status, **({"mfaDelete": mfa} if mfa else {})}}

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        wanted = new["versioningConfiguration"]["status"]
        what = f"waiting for {self.noun} ({identity}) create"

        def reached() -> bool:
            found = self._found(aws, new)
            return found is not None and found["versioningConfiguration"]["status"] == wanted

        with aws.doing(what):
            aws.clock.wait(reached, what=what, within=PROPAGATION, times=3)

    @override
    def drop(self, client: Any, where: Mapping[str, str], state: State) -> None:
        if state["versioningConfiguration"]["status"] == "Disabled":
            return
        with gone("InvalidBucketState"):
            client.put_bucket_versioning(**where, VersioningConfiguration={"Status": "Suspended"})
