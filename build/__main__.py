"""`python -m build`: see `build/cli.py`."""

import gc
import os
import signal
import sys
from types import FrameType

# One short run makes many small objects and no cycles worth looking for: that takes a tenth of the time.
gc.disable()


def _terminated(number: int, _: FrameType | None) -> None:
    # An exception, so that what is half-written is taken away; os.write, because stderr may be in use.
    os.write(2, b"error: terminated\n")
    sys.exit(128 + number)


signal.signal(signal.SIGTERM, _terminated)
try:
    from .cli import main

    code = main(sys.argv[1:])
except KeyboardInterrupt:
    os.write(2, b"error: interrupted\n")
    code = 130
# The interpreter looks for cycles once more when it ends.
gc.freeze()
sys.exit(code)
