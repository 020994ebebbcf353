"""Tests of `build/compiler/`."""
