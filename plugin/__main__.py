"""The package's provider, as the engine starts it: `python <this folder> ENGINE`; see `--help`."""

import sys
from pathlib import Path

# Python looks in this folder, and the components are beside it. No other folder is looked into, so nothing of
# the program that uses the package can stand in for one of ours.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from plugin.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
