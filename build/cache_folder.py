"""Where the cache is, by the environment; loaded before anything that takes long."""

from __future__ import annotations

import os


def cache_folder() -> str:
    """The folder that the environment names, as an absolute path.

    Returns:
        `LAMINA_CACHE`, else `lamina` under `XDG_CACHE_HOME` (XDG Base Directory Specification), else
        `~/.cache/lamina`.
    """
    named = os.environ.get("LAMINA_CACHE")
    if named:
        return os.path.abspath(named)
    base = os.environ.get("XDG_CACHE_HOME") or ""
    # The specification has a relative path ignored.
    home = base if base.startswith("/") else os.path.expanduser("~/.cache")
    return home + "/lamina"
