"""`python -m build`: see `build/cli.py`."""

import gc
import sys

# One short run makes many small objects and no cycles worth looking for: collecting costs a tenth of the time.
gc.disable()

from .cli import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
