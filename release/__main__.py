"""Makes `python -m release` run the command line."""

import sys

from console.ending import run

if __name__ == "__main__":
    sys.exit(run("release.cli", sys.argv[1:]))
