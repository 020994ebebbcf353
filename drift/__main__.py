"""`pulumi preview --json | python -m drift`: what was changed outside of the stack, in sentences."""

import sys

from console.ending import run

if __name__ == "__main__":
    sys.exit(run("drift.cli", sys.argv[1:]))
