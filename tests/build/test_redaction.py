"""Texts without secrets."""

from __future__ import annotations

import pytest

from build.redaction import redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://me:pw@host/a/b@1 there", "see https://host/a/b@1 there"),
        ("`git+ssh://git@host/a.git@v1`", "`git+ssh://host/a.git@v1`"),
        ("https://me@corp:pw@host:8080/a", "https://host:8080/a"),
        ("https://me:p/w@host/a", "https://host/a"),
        ("https://host:8080/a@1", "https://host:8080/a@1"),
        (
            "https://host/a.whl?token=pw#sha256=00, 'http://host?pw'",
            "https://host/a.whl#sha256=00, 'http://host'",
        ),
        ("me@host: no address?", "me@host: no address?"),
    ],
)
def test_no_url_shows_who_reads_it(text: str, shown: str) -> None:
    assert redacted(text) == shown
