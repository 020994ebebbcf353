"""Indexes: where wheels are found, which one fits a target, and how it comes into the cache."""
