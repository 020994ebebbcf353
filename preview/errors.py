"""Errors that end the command: a message of one line, and the exit code."""

from __future__ import annotations


class PreviewError(Exception):
    """Something went wrong: a file could not be written, or GitHub did not do what was asked."""

    exit_code = 1


class MistakeError(PreviewError):
    """What was asked for cannot be meant, or what was given is not what it should be."""

    exit_code = 2
