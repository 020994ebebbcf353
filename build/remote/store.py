"""A bucket that may be out of reach: objects are got and put, and trouble is told once and then avoided."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable, Collection
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from ..bucket_names import is_bucket_name
from ..errors import UserError
from .client import NO_CONDITIONS, THERE, code_of, s3_client, spaced, words_of
from .hashing import HashingFile

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_LOG = logging.getLogger(__name__)
_PIECE = 1 << 20
# A build without the remote cache takes seconds: waiting longer for it than that helps nobody.
_CONNECT_SECONDS = 3
_READ_SECONDS = 20
_ATTEMPTS = 2
T = TypeVar("T")


class TooLargeError(Exception):
    """An object is longer than it can be."""


class Bucket:
    """Objects below a prefix of an S3 bucket.

    Region, endpoint, profile and credentials are found where boto3 looks. Nothing raises for want of access:
    the first trouble is told on the log, and from then on reading finds nothing or writing does nothing.

    Attributes:
        url: as it was given.
        read_only: whether nothing is put.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        """Takes `s3://bucket/prefix` and connects to nothing yet.

        Raises:
            UserError: it is no such URL.
        """
        found = re.fullmatch(r"s3://([^/?#]*)(?:/([^?#]*))?", url)
        if not found or not is_bucket_name(found[1]):
            raise UserError(f"the remote cache {_shown(url)} cannot be used: write s3://bucket/prefix")
        self.url = url.rstrip("/")
        self.read_only = read_only
        self._name = found[1]
        prefix = (found[2] or "").strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._lock = Lock()
        self._made: S3Client | None = None
        self._told = False
        self._unreadable = False
        self._unwritable = read_only

    @property
    def writable(self) -> bool:
        """Whether putting has not failed yet, and is wanted."""
        return not self._unwritable

    @property
    def troubled(self) -> bool:
        """Whether there was no access."""
        return self._told

    def get(self, key: str, most: int) -> bytes | None:
        """A small object, or None where there is none or no access.

        Raises:
            TooLargeError: it has more than so many bytes.
        """
        pieces: list[bytes] = []
        return b"".join(pieces) if self._read(key, most, pieces.append) else None

    def download(self, key: str, target: HashingFile, most: int, seen: Callable[[int], None]) -> bool:
        """Writes an object into a file.

        Args:
            key: of the object.
            target: the file; what was there is overwritten.
            most: how many bytes it may have.
            seen: is told how many bytes came; a negative number takes back.

        Returns:
            Whether it is there whole.

        Raises:
            TooLargeError: it has more bytes than that.
            OSError: the file cannot be written.
        """
        done = 0

        def take(piece: bytes) -> None:
            nonlocal done
            target.write(piece)
            done += len(piece)
            seen(len(piece))

        target.begin()
        whole = False
        try:
            whole = self._read(key, most, take)
        finally:
            if not whole:
                seen(-done)
        return whole

    def has(self, key: str) -> bool:
        """Whether an object is there."""
        if self._unreadable:
            return False

        def head(client: S3Client) -> bool:
            client.head_object(Bucket=self._name, Key=self._prefix + key)
            return True

        # An answer to HEAD has no body that could say more.
        return self._try(head, missing=["404", "NoSuchKey", "NotFound"]) or False

    def put(self, key: str, content: bytes | Path, *, replace: bool = False) -> bool:
        """Puts an object unless it is there; any number of processes may do so at once.

        Args:
            key: of the object; whoever uses the same puts the same content.
            content: its bytes, or the file that has them.
            replace: put it even so, because what is there was found to be something else.

        Returns:
            Whether it is there now.
        """
        if self._unwritable:
            return False
        if not replace and isinstance(content, Path) and self.has(key):
            # Asked first, because a condition is answered only when the whole file was sent.
            return True
        return self._try(lambda client: self._sent(client, key, content, replace), writing=True) or False

    def _sent(self, client: S3Client, key: str, content: bytes | Path, replace: bool) -> bool:
        from botocore.exceptions import ClientError  # noqa: PLC0415 (only where there is a remote cache)

        condition: dict[str, Any] = {} if replace else {"IfNoneMatch": "*"}
        try:
            self._send(client, key, content, condition)
        except ClientError as error:
            code = code_of(error)
            if code in THERE:
                return True
            if code not in NO_CONDITIONS or not condition:
                raise
            # A store of another kind: whoever is last puts the same once more.
            self._send(client, key, content, {})
        return True

    def _send(self, client: S3Client, key: str, content: bytes | Path, more: dict[str, Any]) -> None:
        place: dict[str, Any] = {"Bucket": self._name, "Key": self._prefix + key, **more}
        if isinstance(content, bytes):
            client.put_object(Body=content, **place)
            return
        with content.open("rb") as stream:
            client.put_object(Body=stream, **place)

    def _read(self, key: str, most: int, take: Callable[[bytes], object]) -> bool:
        if self._unreadable:
            return False

        def read(client: S3Client) -> bool:
            found = client.get_object(Bucket=self._name, Key=self._prefix + key)
            # A store that is not S3, or a proxy before it, may not tell.
            if found.get("ContentLength", 0) > most:
                raise TooLargeError
            done = 0
            # Not the body as a context: that is the stream below it, whose errors are not boto3's.
            with contextlib.closing(found["Body"]) as body:
                while piece := body.read(_PIECE):
                    done += len(piece)
                    if done > most:
                        raise TooLargeError
                    take(piece)
            return True

        return self._try(read, missing=["NoSuchKey"]) or False

    def _try(
        self, work: Callable[[S3Client], T], *, missing: Collection[str] = (), writing: bool = False
    ) -> T | None:
        """Does work; gives None where the object is missing or the bucket is out of reach.

        Args:
            work: to do.
            missing: the codes that say that there is no such object.
            writing: whether it puts one.
        """
        from boto3.exceptions import Boto3Error  # noqa: PLC0415 (as above)
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (as above)

        try:
            return work(self._client())
        except ClientError as error:
            code = code_of(error)
            if code in missing:
                return None
            # A bucket that is not there, or an endpoint that is no S3's, will do neither.
            self._trouble(words_of(code), both=code in {"NoSuchBucket", "404"}, writing=writing)
        except (BotoCoreError, Boto3Error, ValueError) as error:
            # Their texts may quote endpoints and settings.
            self._trouble(spaced(type(error).__name__), both=True, writing=writing)
        return None

    def _client(self) -> S3Client:
        with self._lock:
            if self._made is None:
                self._made = s3_client(connect=_CONNECT_SECONDS, read=_READ_SECONDS, attempts=_ATTEMPTS)
            return self._made

    def _trouble(self, reason: str, *, both: bool, writing: bool) -> None:
        with self._lock:
            self._unreadable = self._unreadable or both or not writing
            self._unwritable = self._unwritable or both or writing
            if self._told:
                return
            self._told = True
        what = "nothing is put there" if writing and not both else "it is done without"
        verb = "written" if writing and not both else "used"
        _LOG.warning("the remote cache %s cannot be %s: %s; %s", self.url, verb, reason, what)


def _shown(url: str) -> str:
    """A URL without what may be secret in it."""
    return re.sub(r"://[^/@]*@", "://", url.partition("?")[0])
