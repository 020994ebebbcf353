"""Which remote cache is meant: the one that is given, or that of the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import UserError

if TYPE_CHECKING:
    from .cache import RemoteCache


def remote_cache(url: str | None = None, *, read_only: bool = False) -> RemoteCache | None:
    """The remote cache that is named, if one is.

    Args:
        url: `s3://bucket/prefix`; unless given, that of LAMINA_REMOTE. Empty for none.
        read_only: put nothing there; so does LAMINA_REMOTE_MODE=read.

    Raises:
        UserError: the URL or the mode cannot be used.
    """
    url = os.environ.get("LAMINA_REMOTE") if url is None else url
    if not url:
        return None
    mode = os.environ.get("LAMINA_REMOTE_MODE") or "write"
    if mode not in {"read", "write"}:
        raise UserError(f"LAMINA_REMOTE_MODE={mode}: it can be read or write")
    from .cache import RemoteCache  # noqa: PLC0415 (only where there is one)

    return RemoteCache(url, read_only=read_only or mode == "read")
