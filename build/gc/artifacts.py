"""The artifacts in a bucket that no layer version and no function version has any more."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ..progress import Progress
from . import listing
from .cloud import Cloud, told
from .decision import YOUNG, Choice, Rules
from .records import FunctionVersion, StoredObject

# Where the program puts layers and code; the ledger below `releases/` is never even listed for this.
_LAYERS, _CODE = "layers/", "code/"
_ARTIFACT = re.compile(r"(?:layers|code)/[^/]+/([0-9a-f]{64})\.zip")
_PIECE = 1 << 20

USED = "in use by a version"
UNKNOWN = "not of a kind that Lamina puts there"


@dataclass(frozen=True, slots=True)
class InUse:
    """What the versions that stay were made of.

    Attributes:
        layer: the layer's name.
        digests: of its versions.
        codes: the SHA-256 in base64 of all code zips.
        code_sizes: their sizes in bytes: a zip of another size is none of them.
    """

    layer: str
    digests: Collection[str]
    codes: Collection[str]
    code_sizes: Collection[int]

    @classmethod
    def by(cls, layer: str, digests: Collection[str], versions: Sequence[FunctionVersion]) -> InUse:
        """What a layer's versions of these digests, and all these function versions, use."""
        return cls(
            layer, digests, {version.code for version in versions}, {version.size for version in versions}
        )


def artifacts_to_go(
    cloud: Cloud, bucket: str, used: InUse, rules: Rules, progress: Progress
) -> Choice[StoredObject]:
    """Which artifacts of a bucket are of neither a layer version nor a function version.

    A layer's object is named by the digest that the layer version has as its description. A code object is
    named by its content's digest, while Lambda tells the zip's SHA-256: one whose size no version has is
    nobody's, and one whose size some version has is read and hashed.

    Args:
        cloud: where the bucket is.
        bucket: its name.
        used: by what stays. The region's other layers are asked for if there is anything they could hold.
        rules: of which only the age counts here.
        progress: told how many objects were listed.

    Raises:
        FailureError: the bucket cannot be read, or AWS refuses.
    """
    choice: Choice[StoredObject] = Choice()
    with progress.stage("listing artifacts", total=0, unit="items") as stage:
        layers = _old(listing.objects(cloud, bucket, _LAYERS, stage), rules, choice)
        codes = _old(listing.objects(cloud, bucket, _CODE, stage), rules, choice)
        unused = [found for found in layers if digest_of(found.key) not in used.digests]
        if len(unused) < len(layers):
            choice.staying[USED] += len(layers) - len(unused)
        others = _other_digests(cloud, used.layer) if unused else set()
        choice.divide(unused, lambda found: USED if digest_of(found.key) in others else None)
        choice.divide(codes, lambda found: USED if _is_code(cloud, found, used) else None)
    return choice


def digest_of(key: str) -> str | None:
    """The digest in an artifact's key; None for an object that is not one of ours."""
    found = _ARTIFACT.fullmatch(key)
    return found[1] if found else None


def sha256_of(cloud: Cloud, found: StoredObject) -> str:
    """The SHA-256 of an object's bytes in base64.

    Raises:
        FailureError: it cannot be read.
    """
    hashed = hashlib.sha256()
    with told(f"s3://{found.bucket}/{found.key}"):
        body = cloud.objects.get_object(Bucket=found.bucket, Key=found.key)["Body"]
        with body:
            while piece := body.read(_PIECE):
                hashed.update(piece)
    return base64.b64encode(hashed.digest()).decode()


def _old(found: Iterator[StoredObject], rules: Rules, choice: Choice[StoredObject]) -> list[StoredObject]:
    """Those artifacts that are old enough to go; the others are counted."""
    old = []
    for each in found:
        if digest_of(each.key) is None:
            choice.staying[UNKNOWN] += 1
        elif each.modified > rules.before:
            choice.staying[YOUNG] += 1
        else:
            old.append(each)
    return old


def _other_digests(cloud: Cloud, layer: str) -> set[str]:
    """The descriptions of all versions of the region's other layers."""
    names = [name for name in listing.layer_names(cloud) if name != layer]
    layers = (listing.find_layer(cloud, name) for name in names)
    return {version.digest for found in layers if found for version in found.versions}


def _is_code(cloud: Cloud, found: StoredObject, used: InUse) -> bool:
    return found.size in used.code_sizes and sha256_of(cloud, found) in used.codes
