"""What gives a credential away where nobody marked it: what it is called, and where it stands in a URL."""

from __future__ import annotations

import re

SECRET = "(secret)"  # noqa: S105 (what stands in a secret's place)
# What the engine puts there.
MASK = "[secret]"

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
# The end of a name in small letters, such as `db_pass` and `api_token_v2`: what only begins so, such as
# `secret_arn` and `token_url`, is about a credential.
_TELLING = re.compile(
    r"(pass(word|wd|phrase)|pwd|(^|_)(pass|pat|pw)|secret(_?access)?_?key|secret|private_?key|api_?key|token"
    r"|credential|connection_?string)s?(_?(value|string|binary|pem|hash|base64|v?\d+))*$"
)
# Names of secrets, counts of tokens, and words that end alike.
_HARMLESS = re.compile(
    r"((continuation|next|page|idempotency|client)_?token|(^|_)(max|min)(_[a-z]+)*_tokens?"
    r"|by_pass|allow_credentials)$"
)
# RFC 3986, section 3.2.1. Where a password has a slash that ought to be escaped, the last `@` ends it; behind
# a colon may also be a port.
_USERINFO = re.compile(r"(?<=://)(?:[^\s/?#@:]*:(?!\d+(?:[/?#]|$))\S*|[^\s/?#]*)@")


def is_telling(name: str) -> bool:
    """Whether something of this name is a credential: `DB_PASSWORD`, `dbPass`, `GITHUB_PAT`, `apiKey`."""
    words = _WORDS.sub("_", name).casefold()
    return bool(_TELLING.search(words)) and not _HARMLESS.search(words)


def without_userinfo(text: str) -> str:
    """A text in whose URLs nobody's name and password stand: `postgres://(secret)@db/shop`."""
    return _USERINFO.sub(f"{SECRET}@", text) if "@" in text else text
