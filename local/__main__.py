"""`python -m local`: see `local/cli.py`."""

import sys

from console.ending import run

if __name__ == "__main__":
    sys.exit(run("local.cli", sys.argv[1:]))
