"""Locks: what a file asks for on one target, before any index is asked."""
