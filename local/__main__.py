"""`python -m local`: see `local/cli.py`."""

import sys

try:
    from .cli import main
except KeyboardInterrupt:
    # The imports take a moment, and nothing was begun.
    sys.exit("error: interrupted")

sys.exit(main(sys.argv[1:]))
