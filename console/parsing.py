"""Arguments: a mistake in them is told as every other one is, in one line."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

MISTAKEN = 2


class Parser(argparse.ArgumentParser):
    """As argparse's, without the usage before what is wrong."""

    def error(self, message: str) -> NoReturn:
        """Ends the process with one line that says where to read more."""
        sys.stderr.write(f"error: {message}; see {self.prog} --help\n")
        sys.exit(MISTAKEN)
