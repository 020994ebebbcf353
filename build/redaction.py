"""Texts without secrets: for errors and logs that quote what stands in a lock or in index settings."""

from __future__ import annotations

import re

# What ends a URL in a sentence.
_END = r"\s'\"`"
_QUERY = rf"(://[^{_END}?#]*)\?[^{_END}#]*"
_USER = rf"://[^{_END}/]*@"
# A password with a slash in it: no port stands behind the colon.
_ODD_USER = rf"://[^{_END}/@:]*:(?!\d*(?:/|[{_END}]|$))[^{_END}]*@"


def redacted(text: str) -> str:
    """Takes user, password and query out of every URL in a text; rather too much than too little."""
    if "://" not in text:
        return text
    for pattern, rest in ((_QUERY, r"\1"), (_USER, "://"), (_ODD_USER, "://")):
        text = re.sub(pattern, rest, text)
    return text
