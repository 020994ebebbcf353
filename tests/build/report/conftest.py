"""Fixtures of the reports' tests."""

from .layers import make

__all__ = ["make"]
