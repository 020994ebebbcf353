"""Where code comes from: the request itself, or an object in the embedded S3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.s3.exceptions import MissingBucket
from moto.s3.models import FakeKey, S3Backend, s3_backends

from local import limits

from .archives import Archive, Archives
from .errors import LambdaError, invalid
from .names import Place

# The zip goes into the request as base64: four characters for three bytes.
MAX_REQUEST = -(-limits.ZIP_UPLOADED * 4 // 3)


def read_archive(place: Place, archives: Archives, source: Mapping[str, Any], operation: str) -> Archive:
    """Takes in the archive that an operation names.

    Args:
        place: where the operation takes place; a bucket must be in the same region.
        archives: where it goes.
        source: `ZipFile` (bytes), or `S3Bucket`, `S3Key` and perhaps `S3ObjectVersion`.
        operation: its name, for errors.

    Returns:
        The archive.

    Raises:
        LambdaError: there is no source, or more than one, the object is not there, or it is no usable zip.
    """
    unserved = source.keys() - {"ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion"}
    if unserved:
        raise invalid(
            f"The local Lambda service does not serve {operation} with {', '.join(sorted(unserved))}"
        )
    if "ZipFile" in source and source.keys() & {"S3Bucket", "S3Key", "S3ObjectVersion"}:
        raise invalid("Please do not provide other FunctionCode parameters when providing a ZipFile.")
    if "ZipFile" in source:
        return archives.add(_uploaded(source["ZipFile"], operation))
    if not ("S3Bucket" in source and "S3Key" in source):
        raise invalid("Please provide a source for function code.")
    return archives.add(_read_object(place, source))


def _uploaded(content: bytes, operation: str) -> bytes:
    if len(content) > limits.ZIP_UPLOADED:
        raise LambdaError(
            "RequestTooLargeException",
            f"Request must be smaller than {MAX_REQUEST} bytes for the {operation} operation",
        )
    if not content:
        raise invalid("Uploaded file must be a non-empty zip")
    return content


def _read_object(place: Place, source: Mapping[str, Any]) -> bytes:
    backend: S3Backend = s3_backends[place.account][place.partition]
    name, version = source["S3Bucket"], source.get("S3ObjectVersion")
    try:
        bucket = backend.get_bucket(name)
    except MissingBucket as error:
        raise _s3_error("NoSuchBucket", "The specified bucket does not exist") from error
    if bucket.region_name != place.region:
        raise _s3_error(
            "PermanentRedirect",
            f"The bucket is in this region: {bucket.region_name}. "
            "Please use this region to retry the request",
        )
    found = backend.get_object(name, source["S3Key"], version_id=version)
    if not isinstance(found, FakeKey):
        if version is not None:
            raise _s3_error("NoSuchVersion", "The specified version does not exist.")
        raise _s3_error("NoSuchKey", "The specified key does not exist.")
    content: bytes = found.value
    return content


def _s3_error(code: str, message: str) -> LambdaError:
    return invalid(f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}")
