"""What a release does when things break: every AWS call of it in turn fails in every way, every process dies.

`python -m tests.chaos` runs all of it and prints a table; `make test` has a sample.
"""
