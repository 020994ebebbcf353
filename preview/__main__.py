"""Makes `python -m preview` run the command line."""

import sys

from console.ending import run

if __name__ == "__main__":
    sys.exit(run("preview.cli", sys.argv[1:]))
