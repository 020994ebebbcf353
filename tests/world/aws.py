"""`python -m tests.world.aws FOLDER`: the embedded AWS; prints its port and serves until SIGTERM."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from local.aws.server import serve


def main(folder: Path) -> int:
    """Serves; the folder is for uploaded code and running functions."""
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with serve(folder, managed_policies=False) as server:
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        signal.sigwait(ends)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
