"""Where index settings are written down: environment variables and configuration files of uv and pip, unread.

Their bytes alone say whether anything changed since a lock was last selected: a warm build reads nothing
more.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ..evidence import saw_file

# uv documentation, "Environment variables" and "Configuration files"; pip documentation, "Configuration".
_VARIABLES = (
    "UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX",
    "UV_KEYRING_PROVIDER", "UV_INSECURE_HOST", "UV_HTTP_TIMEOUT", "UV_HTTP_RETRIES",
    "UV_REQUIRE_HASHES", "PIP_REQUIRE_HASHES", "UV_PRERELEASE", "PIP_PRE",
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_CERT", "PIP_CLIENT_CERT",
    "PIP_KEYRING_PROVIDER", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT", "PIP_TIMEOUT", "PIP_RETRIES",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "SSL_CLIENT_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
)  # fmt: skip


class ConfigFile(NamedTuple):
    """One configuration file that exists.

    Attributes:
        kind: who reads it: `uv` for uv.toml, `pyproject` for its `[tool.uv]`, `pip` for pip.conf.
        path: where it lies; relative paths in it count from its folder (uv) or from the working folder (pip).
        content: its bytes.
    """

    kind: str
    path: Path
    content: bytes

    def __repr__(self) -> str:
        # What it holds may hold credentials.
        return f"ConfigFile({self.kind!r}, {self.path!r})"


class Sources(NamedTuple):
    """Everything that may say something about indexes.

    Attributes:
        variables: the environment variables that matter, as they are set.
        files: the configuration files that exist, those that win first.
        folder: the working folder, from which relative folders count.
    """

    variables: Mapping[str, str]
    files: tuple[ConfigFile, ...]
    folder: Path

    def __repr__(self) -> str:
        return f"Sources({sorted(self.variables)}, {self.files}, {self.folder!r})"

    def fingerprint(self) -> str:
        """Changes when a setting may have changed; credentials do not enter it."""
        parts = [
            f"{name}={value}".encode() for name, value in sorted(self.variables.items()) if _decides(name)
        ]
        if self._is_relative():
            parts.append(str(self.folder).encode())
        for file in self.files:
            parts += [file.kind.encode(), str(file.path).encode(), file.content]
        found = hashlib.sha256()
        for part in parts:
            clean = re.sub(rb"://[^/\s@\"']*@", b"://", part) if b"@" in part else part
            found.update(b"%d:%s" % (len(clean), clean))
        return found.hexdigest()

    @property
    def require_hashes(self) -> bool:
        """Whether pip's or uv's own variable makes hashes compulsory."""
        return any(is_on(self.variables.get(name)) for name in ("UV_REQUIRE_HASHES", "PIP_REQUIRE_HASHES"))

    def _is_relative(self) -> bool:
        variables = (self.variables.get(name, "/") for name in ("UV_FIND_LINKS", "PIP_FIND_LINKS"))
        files = (file.kind == "pip" and b"find-links" in file.content for file in self.files)
        return any(not value.startswith(("/", "http:", "https:", "file:")) for value in variables) or any(
            files
        )


def is_on(value: str | None) -> bool | None:
    """What a setting says that is a yes or a no; None where it says nothing."""
    return value.lower() in {"1", "true", "yes", "on", "y", "t"} if value else None


def _decides(name: str) -> bool:
    """Whether a variable decides which wheels are chosen, not only whether they arrive."""
    return any(each in name for each in ("INDEX", "FIND_LINKS", "PRE")) and not _is_credential(name)


def _is_credential(name: str) -> bool:
    return name.startswith("UV_INDEX_") and name.endswith(("_USERNAME", "_PASSWORD"))


def read_sources(environ: Mapping[str, str] = os.environ, folder: Path | None = None) -> Sources:
    """Looks where uv and pip look.

    Args:
        environ: the environment.
        folder: the working folder; the process' own when not given.
    """
    folder = folder or Path.cwd()
    variables = {
        name: value
        for name, value in environ.items()
        if value and (name in _VARIABLES or _is_credential(name))
    }
    files = [*_uv_files(environ, folder), *_pip_files(environ)]
    return Sources(variables, tuple(files), folder)


def _config_homes(environ: Mapping[str, str]) -> tuple[Path, list[Path]]:
    """The user's and the system's folders for configuration (XDG Base Directory Specification)."""
    user = Path(environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME") or "~").expanduser() / ".config")
    system = [Path(part) for part in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":") if part]
    return user, system


def _uv_files(environ: Mapping[str, str], folder: Path) -> list[ConfigFile]:
    """The project's, the user's, the system's; UV_CONFIG_FILE replaces them, UV_NO_CONFIG forbids them."""
    if environ.get("UV_NO_CONFIG"):
        return []
    if named := environ.get("UV_CONFIG_FILE"):
        return _existing("uv", [Path(named)])
    user, system = _config_homes(environ)
    found = _project_file(folder)
    found += _existing("uv", [user / "uv" / "uv.toml"])
    return (
        found + _existing("uv", [*(home / "uv" / "uv.toml" for home in system), Path("/etc/uv/uv.toml")])[:1]
    )


def _project_file(folder: Path) -> list[ConfigFile]:
    for parent in (folder, *folder.parents):
        if found := _existing("uv", [parent / "uv.toml"]):
            return found
        if (found := _existing("pyproject", [parent / "pyproject.toml"])) and b"tool.uv" in found[0].content:
            return found
    return []


def _pip_files(environ: Mapping[str, str]) -> list[ConfigFile]:
    """PIP_CONFIG_FILE, the environment's, the user's, the system's; PIP_CONFIG_FILE=/dev/null forbids all."""
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    user, system = _config_homes(environ)
    home = Path(environ.get("HOME") or "~").expanduser()
    mac = home / "Library" / "Application Support" / "pip"
    user_file = mac / "pip.conf" if sys.platform == "darwin" and mac.is_dir() else user / "pip" / "pip.conf"
    paths = [Path(named)] if named else []
    paths += [Path(sys.prefix) / "pip.conf", user_file, home / ".pip" / "pip.conf", Path("/etc/pip.conf")]
    return _existing("pip", paths + [part / "pip" / "pip.conf" for part in reversed(system)])


def _existing(kind: str, paths: list[Path]) -> list[ConfigFile]:
    found = []
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError:
            saw_file(path, None)
            continue
        saw_file(path, content)
        found.append(ConfigFile(kind, path, content))
    return found
