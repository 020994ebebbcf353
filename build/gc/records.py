"""What is listed and what is to go, as the rest of this package hands it on."""

from __future__ import annotations

from dataclasses import dataclass

# The number that `$LATEST` has here: no published version has it.
LATEST = 0


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """A version of the layer that is cleaned up.

    Attributes:
        number: of the version.
        digest: its description, which of our layers is the content's digest.
        created: when it was published, in seconds since 1970.
    """

    number: int
    digest: str
    created: float


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of the region.

    Attributes:
        arn: without a version.
        versions: all that there are, in no particular order.
    """

    arn: str
    versions: tuple[LayerVersion, ...]


@dataclass(frozen=True, slots=True)
class FunctionVersion:
    """A published version of a function, or its `$LATEST`.

    Attributes:
        function: the function's name.
        number: of the version; `LATEST` for `$LATEST`.
        modified: when code or configuration last changed, in seconds since 1970.
        size: of its zip, in bytes.
        code: the zip's SHA-256 in base64, as Lambda tells it.
        layers: the numbers of those versions of the layer in question that it has.
    """

    function: str
    number: int
    modified: float
    size: int
    code: str
    layers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An artifact in a bucket.

    Attributes:
        bucket: its name.
        key: of the object.
        size: in bytes.
        modified: when it was put, in seconds since 1970.
        etag: of the content.
    """

    bucket: str
    key: str
    size: int
    modified: float
    etag: str


@dataclass(frozen=True, slots=True)
class HttpApi:
    """An HTTP API of API Gateway.

    Attributes:
        identity: its id.
        name: that it was made with.
        stack: the value of its tag `lamina:stack`.
        created: when, in seconds since 1970.
    """

    identity: str
    name: str
    stack: str
    created: float


Item = LayerVersion | FunctionVersion | StoredObject | HttpApi


@dataclass(frozen=True, slots=True)
class Removal:
    """One thing that is to go.

    Attributes:
        name: such as `shop-prod-deps:3`, `shop-prod-api:7`, `s3://bucket/code/api/….zip` or `api a1b2c3d4`.
        item: the thing.
        why: it may go.
        size: in bytes; an API has none.
    """

    name: str
    item: Item
    why: str
    size: int


@dataclass(frozen=True, slots=True)
class Usage:
    """The code storage of the region, in bytes.

    Attributes:
        used: by the versions of all functions and layers.
        limit: how much there may be.
    """

    used: int
    limit: int
