"""Makes `python -m components` run the command line."""

import sys

from console.ending import run

if __name__ == "__main__":
    sys.exit(run("components.cli", sys.argv[1:]))
