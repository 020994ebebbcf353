"""Fixtures around an index on a loopback port; `conftest` hands them to every test."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .index_server import Index, serve

Lock = Callable[..., Path]

_SETTINGS = re.compile(r"(UV|PIP)_|SSL_|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NETRC|.*_proxy$", re.IGNORECASE)


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Hides this machine's index settings; gives an empty home folder."""
    for name in list(os.environ):
        if _SETTINGS.match(name):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return home


@pytest.fixture
def index(no_settings: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """An empty index with JSON pages that is the only one configured."""
    with serve(Index()) as served:
        monkeypatch.setenv("UV_DEFAULT_INDEX", served.url)
        monkeypatch.setenv("UV_HTTP_RETRIES", "1")
        yield served


@pytest.fixture
def lock(tmp_path: Path) -> Lock:
    """Writes lines into a lock."""

    def write(*lines: str, name: str = "requirements.txt") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return write
