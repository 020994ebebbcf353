"""Cleaning up: layer versions, function versions and artifacts that nothing refers to any more.

The way through it: `listing` reads pages, `decision` says what may go (pure), `holders`, `sharing` and
`artifacts` ask closer about that and nothing else, `plan` joins them, `deletion` deletes, `table` tells.
"""
