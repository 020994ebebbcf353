"""Five functions that run on two layers."""
