"""The HTTP library's own log, without what it must not tell."""

from __future__ import annotations

import logging

from ..redaction import redacted


class _Redacting(logging.Filter):
    """Takes users, passwords and queries out of the addresses that requests are logged with."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(record.getMessage()), ()
        return True


_FILTER = _Redacting()


def hush() -> None:
    """Makes httpx log addresses without secrets; redirects and signed URLs carry some that we never see.

    What httpcore tells about every header goes unless somebody wants it by name.
    """
    logging.getLogger("httpx").addFilter(_FILTER)
    if logging.getLogger("httpcore").level == logging.NOTSET:
        logging.getLogger("httpcore").setLevel(logging.INFO)
