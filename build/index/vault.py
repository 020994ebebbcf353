"""The keyring's own command line, for keyrings that are installed apart from Lamina."""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Iterable

_LOG = logging.getLogger(__name__)

Pair = tuple[str, str]


def ask_command(services: Iterable[str], user: str | None) -> Pair | None:
    """Asks the command `keyring` of the PATH, as pip and uv do with `keyring-provider = subprocess`.

    Args:
        services: what to ask about, one after the other.
        user: whose password it is to be; where nobody is named, the keyring is asked for the user, too.

    Returns:
        User and password, or None where the keyring has none or is not there.
    """
    for service in services:
        how = ["get", service, user] if user else ["--mode", "creds", "get", service]
        try:
            done = subprocess.run(
                ["keyring", *how],
                stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True, encoding="utf-8",
                env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            )  # fmt: skip
        except FileNotFoundError:
            _LOG.warning("the keyring is to be asked by its command, and there is no keyring on the PATH")
            return None
        except (OSError, UnicodeDecodeError) as error:
            _LOG.warning("the command keyring does not answer (%s)", type(error).__name__)
            return None
        lines = done.stdout.splitlines()
        if done.returncode == 0 and len(lines) == (1 if user else 2):
            return (user, lines[0]) if user else (lines[0], lines[1])
    return None
