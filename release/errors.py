"""The errors that a user can meet: each is one line that says what happened, to what, and what to do."""

from __future__ import annotations


class ReleaseError(Exception):
    """What was asked for could not be done (AWS, the disk): exit code 1.

    Attributes:
        exit_code: what the command line exits with.
    """

    exit_code = 1


class UserError(ReleaseError):
    """What was asked for cannot be meant (an unknown stack, a version that is not there): exit code 2."""

    exit_code = 2
