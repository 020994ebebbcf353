"""The cache: wheels by their SHA-256 and what was found out about them, shared by any number of processes."""

from .entries import unusable
from .store import Cache

__all__ = ["Cache", "unusable"]
