"""Wheels: what one holds, checked and hashed once."""
