"""`pulumi preview --json | python -m drift`: what was changed outside of the stack, in sentences."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdin, sys.stdout, sys.stderr))
