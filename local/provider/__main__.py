"""`python -m local.provider`: prints its port as a Pulumi plugin does and serves until it is told to stop."""

from __future__ import annotations

import signal
import sys
import threading

from .errors import ProviderError
from .server import serve


def main() -> int:
    """Serves until SIGTERM or SIGINT; gives the exit code."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        with serve() as port:
            sys.stdout.write(f"{port}\n")
            sys.stdout.flush()
            stopped.wait()
    except ProviderError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
