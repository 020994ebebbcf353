"""The cache: wheels by their SHA-256 and what was found out about them, shared by any number of processes."""

from .store import Cache, unusable

__all__ = ["Cache", "unusable"]
