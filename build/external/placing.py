"""The zip in a bucket: put under its digest where it is not there, and known by its bytes where it is."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FailureError, UserError
from ..evidence import saw_elsewhere, saw_file
from ..output import writable
from ..remote.answers import PoisonedError
from ..remote.client import NO_CONDITIONS, THERE, code_of, s3_client, spaced, words_of
from ..target import Target
from ..temporary import make_temporary
from ..tree.manifest import BuiltLayer
from ..tree.options import LayerOptions

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# Unlike a cache, this has to be reached: what AWS' own tools wait, and their usual attempts.
_CONNECT_SECONDS = 10
_READ_SECONDS = 60
_ATTEMPTS = 4
# How often it is looked and put in turn: another process may put, and a third take away.
_TURNS = 2
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
# S3 says so of what is not there to whoever may not list the bucket (Amazon S3 API Reference, HeadObject).
_HIDDEN = frozenset({"403", "AccessDenied"})
_PIECE = 1 << 20


def object_key(prefix: str, name: str, digest: str) -> str:
    """The object's key, which is that of the Pulumi program's layers, too.

    Args:
        prefix: empty, or with a slash at its end.
        name: of the layer.
        digest: of its content.
    """
    return f"{prefix}layers/{name}/{digest}.zip"


class Place:
    """One object of a bucket, which holds a layer's zip or is about to."""

    def __init__(self, bucket: str, key: str) -> None:
        """Takes where it is, and connects to nothing yet."""
        self.bucket = bucket
        self.key = key

    def filled(self, built: BuiltLayer, target: Target, options: LayerOptions) -> str:
        """Makes sure that the object is there; any number of processes may do so at once.

        What is there under the digest stays. It may have other bytes than the zip here, since other wheels of
        the same content can be packed differently; then it is held to the digest.

        Args:
            built: the layer; its zip is there.
            target: what it is for.
            options: as they are settled.

        Returns:
            The SHA-256 of the bytes that are there, 64 hexadecimal digits.

        Raises:
            UserError: there are no credentials.
            FailureError: the bucket cannot be used, or something else lies there.
        """
        _saw_settings()
        with _told(self.bucket):
            client = s3_client(connect=_CONNECT_SECONDS, read=_READ_SECONDS, attempts=_ATTEMPTS)
            found = self._found_or_put(client, built)
            if found != built.zip_sha256:
                found = self._held_to_digest(client, built, target, options)
        saw_elsewhere()
        return found

    def _found_or_put(self, client: S3Client, built: BuiltLayer) -> str:
        """The SHA-256 of the object; empty where S3 does not know it."""
        for _ in range(_TURNS):
            found = self._look(client)
            if found is not None:
                return found
            if self._put(client, built):
                return built.zip_sha256
        # Somebody else put it, and we may not look.
        return ""

    def _look(self, client: S3Client) -> str | None:
        """The SHA-256 of the object, empty where S3 does not know it; None where there is no object."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 (only where there is a bucket)

        try:
            head = client.head_object(Bucket=self.bucket, Key=self.key, ChecksumMode="ENABLED")
        except ClientError as error:
            if code_of(error) in _MISSING | _HIDDEN:
                return None
            raise
        # That of an upload in parts is not of the bytes, and says so by a dash.
        checksum = head.get("ChecksumSHA256", "")
        return "" if "-" in checksum else base64.b64decode(checksum).hex()

    def _put(self, client: S3Client, built: BuiltLayer) -> bool:
        """Puts the object; says whether nobody else had."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 (as above)

        condition: dict[str, Any] = {"IfNoneMatch": "*"}
        for _ in range(2):
            try:
                with built.zip.open("rb") as stream:
                    client.put_object(
                        Bucket=self.bucket,
                        Key=self.key,
                        Body=stream,
                        ContentType="application/zip",
                        # S3 refuses other bytes than these, and tells the hash to whoever looks.
                        ChecksumAlgorithm="SHA256",
                        ChecksumSHA256=base64_of(built.zip_sha256),
                        **condition,
                    )
            except ClientError as error:
                code = code_of(error)
                if code in THERE:
                    return False
                if code not in NO_CONDITIONS or not condition:
                    raise
                # A store of another kind: whoever is last puts the same once more.
                condition = {}
            else:
                return True
        return True

    def _held_to_digest(
        self, client: S3Client, built: BuiltLayer, target: Target, options: LayerOptions
    ) -> str:
        from ..remote.zips import check_zip  # noqa: PLC0415 (hardly ever needed)

        with writable(built.zip.parent):
            temporary = make_temporary(built.zip.parent, built.zip.name)
        try:
            sha256, size = self._fetched(client, temporary)
            check_zip(temporary, built._replace(zip_sha256=sha256, zip_size=size), target, options)
        except PoisonedError as error:
            raise FailureError(
                f"s3://{self.bucket}/{self.key} is not the layer {built.name} of this digest: {error}; find "
                "out who put it there, and delete it or name another prefix"
            ) from error
        finally:
            temporary.unlink(missing_ok=True)
        return sha256

    def _fetched(self, client: S3Client, path: Path) -> tuple[str, int]:
        hashed = hashlib.sha256()
        body = client.get_object(Bucket=self.bucket, Key=self.key)["Body"]
        with body, path.open("wb") as stream:
            while piece := body.read(_PIECE):
                hashed.update(piece)
                stream.write(piece)
        return hashed.hexdigest(), path.stat().st_size


def base64_of(sha256: str) -> str:
    """A hash as AWS writes it (AWS Lambda API Reference, LayerVersionContentOutput, CodeSha256).

    Args:
        sha256: 64 hexadecimal digits.
    """
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def _saw_settings() -> None:
    """What AWS' settings say of region and endpoint is evidence; credentials only decide whether."""
    path = Path(os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser()
    try:
        saw_file(path, path.read_bytes())
    except OSError:
        saw_file(path, None)


@contextmanager
def _told(bucket: str) -> Iterator[None]:
    """Tells S3's errors in one line each.

    Raises:
        UserError: there are no credentials, or no such bucket.
        FailureError: S3 refused or cannot be reached.
    """
    from boto3.exceptions import Boto3Error  # noqa: PLC0415 (as above)
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError  # noqa: PLC0415 (as above)

    label = f"the bucket {bucket} cannot be used"
    try:
        yield
    except NoCredentialsError as error:
        raise UserError(
            f"{label}: no AWS credentials were found where boto3 looks, such as AWS_PROFILE"
        ) from error
    except ClientError as error:
        code = code_of(error)
        if code == "NoSuchBucket":
            raise UserError(
                f"{label}: there is no such bucket; it has to be there before Terraform plans, so name one "
                "that another configuration made"
            ) from error
        wants = "; s3:GetObject and s3:PutObject are needed" if code in _HIDDEN else ""
        raise FailureError(f"{label}: {words_of(code)}{wants}") from error
    except (BotoCoreError, Boto3Error, ValueError) as error:
        # Their texts may quote endpoints and settings.
        raise FailureError(f"{label}: {spaced(type(error).__name__)}") from error
