"""What can go wrong before a function's own code runs; what its code does wrong is an `InvocationResult`."""

from __future__ import annotations


class LocalRuntimeError(Exception):
    """The root of the errors that `Runtimes.invoke` raises on purpose, each with one line for the caller."""


class UnsupportedDeploymentError(LocalRuntimeError):
    """This machine cannot run the function: another Python, or another architecture."""


class UnusableArchiveError(LocalRuntimeError):
    """A code or layer archive is no zip, or has a member that would land outside its folder."""


class ThrottledError(LocalRuntimeError):
    """Every environment was busy for too long; Lambda's TooManyRequestsException."""


class PayloadTooLargeError(LocalRuntimeError):
    """The event is over Lambda's limit of 6 MB; Lambda's RequestTooLargeException."""
