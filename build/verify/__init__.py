"""Verification: whether a layer will work where it is meant to run, before anything is published."""

from .layer import verify_layer, verify_zip
from .verdict import Verdict, Wanted, refusal

__all__ = ["Verdict", "Wanted", "refusal", "verify_layer", "verify_zip"]
